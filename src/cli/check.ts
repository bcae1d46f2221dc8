import { readCheckRequest } from '../config/request.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { commandAgain, commandTo, destinationsByName } from './command-again.ts';
import { makeCheckPlan } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

const noDestination = {
  code: 'bad-argument',
  argument: 'flurry check',
  expected: 'followed by at least one destination',
  found: '',
  next: 'flurry alone lists the hosts of the flake here; any name or address will do',
} as const;

/** `flurry check DEST...`: needs no flake and no Nix, and changes nothing. Throws FlurryError (exit 2), or nothing. */
export async function check({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const request = readCheckRequest({ ...line, settings });
  if ('code' in request) throw new FlurryError(request);
  if (request.hosts.length === 0) throw new FlurryError(noDestination);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const [{ checkFleet }, { sshConnect }, { createReport }] = await Promise.all([
    import('../deploy/fleet.ts'),
    import('../ssh/connect.ts'),
    import('../report/report.ts'),
  ]);
  return await runOnHosts({
    request,
    started: {
      event: 'run-started',
      verb: 'check',
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
    work: (ports) => checkFleet(makeCheckPlan(request), { ...ports, signal }),
  });
}
