import { readHostsRequest } from '../config/read-request.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { decideFleet } from '../deploy/decide-fleet.ts';
import { createReport } from '../report/report.ts';
import { commandAgain, commandTo } from './command-again.ts';
import { explainJoined } from './explain-joined.ts';
import { fleetFor } from './fleet-of-flake.ts';
import { makeDecidePlan } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

/**
 * What `confirm` and `abort` have in common: the word is said to what is under way on each host, whoever began it, and
 * the host's verdict is waited for. Needs no more of a flake than which hosts there are. Throws FlurryError (exit 2), or nothing.
 */
export async function decideOnHosts(word: 'confirm' | 'abort', call: VerbCall): Promise<ExitCode> {
  const { line, settings, world, signal } = call;
  const typed = { ...line, settings };
  const request = readHostsRequest(word, typed, await fleetFor(word, typed, noDestination(word), signal));
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const { sshConnect } = await import('../ssh/connect.ts');
  return await runOnHosts({
    // Who accepted what is told by notes, which a live screen has no room for.
    request: { ...request, output: request.output === 'auto' ? 'lines' : request.output },
    started: {
      event: 'run-started',
      verb: word,
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
    work: (ports) =>
      decideFleet(makeDecidePlan(word, request), {
        ...ports,
        signal,
        explain: explainJoined(ports.explain, { request, commandTo: commandTo(settings, request) }),
      }),
  });
}

function noDestination(word: string): Problem<'bad-argument'> {
  return {
    code: 'bad-argument',
    argument: `flurry ${word}`,
    expected: 'followed by at least one destination',
    found: '',
    next: 'name the hosts on which a deployment is under way; any name or address will do',
  };
}
