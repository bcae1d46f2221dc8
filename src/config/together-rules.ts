import { activates } from '../core/goal.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

/** What is wrong with how `allOrNothing` goes together with the goal: what is not tested cannot be put back together. */
export function togetherProblems(
  { allOrNothing, goal }: DeploySettings,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (!allOrNothing || activates(goal)) return [];
  const sourceOf = (setting: string): string => given.get(setting)?.source ?? setting;
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('allOrNothing'),
      expected: `${sourceOf('goal')} test or promote together with it`,
      found: goal,
      next: `leave one of the two away: with goal ${goal} no host is tested, so none could be put back for another`,
    },
  ];
}
