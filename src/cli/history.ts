import { readHistoryRequest } from '../config/read-request.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { historyOfFleet } from '../deploy/history-fleet.ts';
import { createReport } from '../report/report.ts';
import { commandAgain, commandTo } from './command-again.ts';
import { fleetFor } from './fleet-of-flake.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

const noDestination = {
  code: 'bad-argument',
  argument: 'flurry history',
  expected: 'followed by at least one destination',
  found: '',
  next: 'flurry alone lists the hosts of the flake here; any name or address will do',
} as const;

/** `flurry history DEST...`: needs no more of a flake than which hosts there are, and changes nothing. Throws FlurryError (exit 2), or nothing. */
export async function history({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const typed = { ...line, settings };
  const request = readHistoryRequest(typed, await fleetFor('history', typed, noDestination, signal));
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const { sshConnect } = await import('../ssh/connect.ts');
  return await runOnHosts({
    request,
    started: {
      event: 'run-started',
      verb: 'history',
      goal: null,
      deployment: null,
      flake: null,
      hosts: request.hosts.map(({ host }) => host.name),
    },
    world,
    signal,
    createReport,
    sshConnect,
    commandFor: commandAgain(line, settings, request),
    commandTo: commandTo(settings, request),
    work: (ports) => historyOfFleet(request, { ...ports, signal }),
  });
}
