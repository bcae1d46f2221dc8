import type { Fleet } from '../config/fleet/fleet.ts';
import { readFleet } from '../config/fleet/read-fleet.ts';
import { readFleetRequest } from '../config/read-flake-request.ts';
import { type Selected, selectHosts } from '../config/selection.ts';
import type { Typed } from '../config/typed.ts';
import { FlurryError } from '../core/problem.ts';
import { rememberHosts } from './completion-hosts.ts';
import { pinRelease } from './flake-release.ts';
import { knownWords } from './known-words.ts';
import type { VerbCall } from './verb-call.ts';

/** What a flake says of its hosts, and those of them that are meant. */
export interface Asked {
  readonly fleet: Fleet;
  readonly configurations: readonly string[];
  readonly selected: readonly Selected[];
}

/**
 * Asks the flake for its hosts, without going to any. Throws `bad-arguments` with all that is wrong with the command line, and
 * then with the flake; and as `pinRelease`.
 */
export async function askFlake(
  verb: 'list' | 'config',
  typed: Typed,
  { world, signal }: Pick<VerbCall, 'world' | 'signal'>,
): Promise<Asked> {
  const request = readFleetRequest(verb, typed);
  if (request === undefined) throw new Error('this verb cannot do without a flake');
  if ('code' in request) throw new FlurryError(request);
  const { flurry, configurations } = await pinRelease({ ...request, signal });
  const fleet = readFleet(flurry, configurations);
  const { selected, problems: wrong } = selectHosts(typed, fleet);
  const problems = [...fleet.problems, ...(fleet.problems.length > 0 && fleet.hosts.length === 0 ? [] : wrong)];
  if (problems.length > 0) throw new FlurryError({ code: 'bad-arguments', problems });
  await rememberHosts(request.reference, knownWords(fleet, configurations), world.environment);
  return { fleet, configurations, selected };
}
