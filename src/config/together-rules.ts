import { activates } from '../core/goal.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

/** What is wrong with how `allOrNothing` goes together with other settings: all hosts must be able to go back together. */
export function togetherProblems(settings: DeploySettings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (!settings.allOrNothing) return [];
  return [...whatIsNotTested(settings, given), ...whatReboots(settings, given)];
}

function whatIsNotTested({ goal }: DeploySettings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (activates(goal)) return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('allOrNothing', given),
      expected: `${sourceOf('goal', given)} test or promote together with it`,
      found: goal,
      next: `leave one of the two away: with goal ${goal} no host is tested, so none could be put back for another`,
    },
  ];
}

/** Hosts reboot one after the other, each behind its own promotion: by then none goes back for another. */
function whatReboots(
  { reboot, onInhibitor }: DeploySettings,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  const alone = [
    ['reboot', reboot, 'never'],
    ['onInhibitor', onInhibitor, 'refuse'],
  ] as const;
  return alone
    .filter(([, found, expected]) => found !== expected)
    .map(([setting, found, expected]) => ({
      code: 'bad-argument',
      argument: sourceOf(setting, given),
      expected: `${expected} together with ${sourceOf('allOrNothing', given)}`,
      found,
      next: 'leave one of the two away: what first runs behind a reboot cannot be taken back on all hosts at once',
    }));
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
