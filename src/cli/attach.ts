import { readHostsRequest } from '../config/read-request.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { attachFleet } from '../deploy/attach-fleet.ts';
import { createReport } from '../report/report.ts';
import { commandTo } from './command-again.ts';
import { withoutIds } from './deployment-id.ts';
import { explainJoined } from './explain-joined.ts';
import { fleetFor } from './fleet-of-flake.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

/**
 * `flurry attach DEST... [ID]` joins what is under way on each host, or has ended there, and says nothing to it. Takes
 * no more of a flake than which hosts there are. Throws FlurryError (exit 2), or nothing.
 */
export async function attach(call: VerbCall): Promise<ExitCode> {
  const { settings, world, signal } = call;
  const { ids, line } = withoutIds(call.line);
  const problems = [...line.problems, ...idProblems(ids)];
  const typed = { ...line, settings, problems };
  const request = readHostsRequest('attach', typed, await fleetFor('attach', typed, noDestination, signal));
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const { sshConnect } = await import('../ssh/connect.ts');
  const [id] = ids;
  const command = commandTo(settings, request);
  return await runOnHosts({
    // It is about the log, for which a live screen has no room.
    request: { ...request, output: request.output === 'auto' ? 'lines' : request.output },
    started: {
      event: 'run-started',
      verb: 'attach',
      goal: null,
      deployment: id ?? null,
      flake: null,
      hosts: request.hosts.map(({ host }) => host.name),
    },
    world,
    signal,
    createReport,
    sshConnect,
    commandFor: (hosts) => command('attach', hosts, ids),
    commandTo: command,
    work: (ports) =>
      attachFleet(
        { ...request, ...(id === undefined ? {} : { id }) },
        {
          ...ports,
          signal,
          explain: explainJoined(ports.explain, { request, commandTo: command }),
        },
      ),
  });
}

function idProblems(ids: readonly string[]): readonly Problem<'bad-argument'>[] {
  if (ids.length < 2) return [];
  const next = 'attach to one after the other';
  return [{ code: 'bad-argument', argument: 'ID', expected: 'one deployment', found: ids.join(' '), next }];
}

const noDestination = {
  code: 'bad-argument',
  argument: 'flurry attach',
  expected: 'followed by at least one destination',
  found: '',
  next: 'flurry status HOST tells what is under way on a host; any name or address will do',
} as const;
