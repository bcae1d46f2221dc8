import { readHostsRequest } from '../config/request.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { commandAgain, commandTo, destinationsByName } from './command-again.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

const noDestination = {
  code: 'bad-argument',
  argument: 'flurry status',
  expected: 'followed by at least one destination',
  found: '',
  next: 'flurry alone lists the hosts of the flake here; any name or address will do',
} as const;

/** `flurry status DEST...`: needs no flake and no Nix, and changes nothing. Throws FlurryError (exit 2), or nothing. */
export async function status({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const request = readHostsRequest('status', { ...line, settings });
  if ('code' in request) throw new FlurryError(request);
  if (request.hosts.length === 0) throw new FlurryError(noDestination);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const [{ statusOfFleet }, { sshConnect }, { createReport }] = await Promise.all([
    import('../deploy/status-fleet.ts'),
    import('../ssh/connect.ts'),
    import('../report/report.ts'),
  ]);
  return await runOnHosts({
    request,
    started: {
      event: 'run-started',
      verb: 'status',
      goal: null,
      deployment: null,
      flake: null,
      hosts: request.hosts.map(({ name }) => name),
    },
    world,
    signal,
    createReport,
    sshConnect,
    commandFor: commandAgain(line, settings),
    commandTo: commandTo(line, settings),
    destinations: destinationsByName(line.destinations),
    work: (ports) => statusOfFleet(request, { ...ports, signal }),
  });
}
