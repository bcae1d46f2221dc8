import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import { onlyDeploy, type Verb } from './option.ts';
import type { Verbosity } from './request.ts';
import type { Wanted } from './selection.ts';
import type { DecideSettings } from './settings.ts';

/** A command line and an environment, taken apart but not yet judged. */
export interface Typed extends Wanted {
  readonly settings: GivenSettings;
  /** What stood after `--`. */
  readonly nixArguments: readonly string[];
  /** What the command line could not make sense of, to be told with all the rest. */
  readonly problems: readonly Problem<'bad-argument'>[];
}

/** What is wrong with arguments for Nix, of a verb that runs none on a host. */
export function noNixProblems(verb: Verb, { nixArguments }: Typed): readonly Problem<'bad-argument'>[] {
  if (nixArguments.length === 0 || onlyDeploy.some((one) => one === verb)) return [];
  const expected = `nothing: ${verb} runs no Nix`;
  return [{ code: 'bad-argument', argument: '--', expected, found: 'arguments for Nix' }];
}

/** A flag beats a variable also between the two that exclude each other: -v is heard where FLURRY_QUIET is set. */
export function verbosityOf(settings: DecideSettings, given: GivenSettings): Verbosity {
  const isHeard = !settings.quiet || given.get('verbose')?.from === 'flag';
  if (settings.verbose > 0 && isHeard) return settings.verbose > 1 ? 'debug' : 'verbose';
  return settings.quiet ? 'quiet' : 'normal';
}

/** What is wrong with how much is to be told. */
export function verbosityProblems(given: GivenSettings): readonly Problem<'bad-argument'>[] {
  const [verbose, quiet] = [given.get('verbose'), given.get('quiet')];
  if (verbose?.from !== 'flag' || quiet?.from !== 'flag') return [];
  return [{ code: 'bad-argument', argument: '--quiet', expected: '--verbose or --quiet', found: 'both' }];
}
