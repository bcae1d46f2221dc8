import type { Act } from '../core/plan.ts';
import type { Problem } from '../core/problem.ts';
import type { Given, GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

type AskSettings = Pick<DeploySettings, 'dryRun' | 'ask' | 'yes'>;

/** Tells whether what is decided is done: a dry run beats all; of ask and yes the one that was said nearer to the run. */
export function actOf({ dryRun, ask, yes }: AskSettings, given: GivenSettings): Act {
  if (dryRun) return 'never';
  return ask && !(yes && nearness(given.get('yes')) >= nearness(given.get('ask'))) ? 'when-asked' : 'at-once';
}

/** What is wrong with how these go together: two flags say who is meant to decide, and not the same. */
export function askProblems({ ask, yes }: AskSettings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (!ask || !yes || given.get('ask')?.from !== 'flag' || given.get('yes')?.from !== 'flag') return [];
  return [{ code: 'bad-argument', argument: '--yes', expected: '--ask or --yes', found: 'both' }];
}

function nearness(given: Given | undefined): number {
  return given === undefined ? 0 : { default: 0, flake: 1, variable: 2, flag: 3 }[given.from];
}
