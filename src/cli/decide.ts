import { readHostsRequest } from '../config/request.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { commandAgain, commandTo, destinationsByName } from './command-again.ts';
import { explainJoined } from './explain-joined.ts';
import { makeDecidePlan } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

/**
 * What `confirm` and `abort` have in common: the word is said to what is under way on each host, whoever began it, and
 * the host's verdict is waited for. Needs no flake and no Nix. Throws FlurryError (exit 2), or nothing.
 */
export async function decideOnHosts(word: 'confirm' | 'abort', call: VerbCall): Promise<ExitCode> {
  const { line, settings, world, signal } = call;
  const request = readHostsRequest(word, { ...line, settings });
  if ('code' in request) throw new FlurryError(request);
  if (request.hosts.length === 0) throw new FlurryError(noDestination(word));
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);

  const [{ decideFleet }, { sshConnect }, { createReport }] = await Promise.all([
    import('../deploy/decide-fleet.ts'),
    import('../ssh/connect.ts'),
    import('../report/report.ts'),
  ]);
  const destinations = destinationsByName(line.destinations);
  return await runOnHosts({
    // Who accepted what is told by notes, which a live screen has no room for.
    request: { ...request, output: request.output === 'auto' ? 'lines' : request.output },
    started: {
      event: 'run-started',
      verb: word,
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
    destinations,
    work: (ports) =>
      decideFleet(makeDecidePlan(word, request), {
        ...ports,
        signal,
        explain: explainJoined(ports.explain, { destinations, request, commandTo: commandTo(line, settings) }),
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
