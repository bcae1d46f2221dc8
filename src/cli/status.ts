import { readHostsRequest } from '../config/read-request.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { statusOfFleet } from '../deploy/status-fleet.ts';
import { createReport } from '../report/report.ts';
import { commandAgain, commandTo } from './command-again.ts';
import { flakeHere, flakeOf } from './flake-here.ts';
import { fleetHere } from './fleet-of-flake.ts';
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

/** `flurry status DEST...`: compares with the flake where there is one, needs none, and changes nothing. Throws FlurryError (exit 2), or nothing. */
export async function status({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const typed = { ...line, settings };
  const { fleet, flake } = await fleetHere('status', typed, noDestination, signal);
  const request = readHostsRequest('status', typed, fleet);
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const { sshConnect } = await import('../ssh/connect.ts');
  return await runOnHosts({
    request,
    started: {
      event: 'run-started',
      verb: 'status',
      goal: null,
      deployment: null,
      flake: flake === undefined ? null : flakeOf(flake.snapshot),
      hosts: request.hosts.map(({ host }) => host.name),
    },
    world,
    signal,
    createReport,
    sshConnect,
    commandFor: commandAgain(line, settings, request),
    commandTo: commandTo(settings, request),
    work: async (ports) => {
      const plan = { ...request, ...(flake !== undefined && { flake: await flakeHere(flake, signal) }) };
      return await statusOfFleet(plan, { ...ports, signal });
    },
  });
}
