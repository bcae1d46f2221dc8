import { activates } from '../core/goal.ts';
import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings, RollbackSettings } from './settings.ts';

type Settings = Pick<RollbackSettings, 'goal' | 'confirm'> | Pick<DeploySettings, 'goal' | 'confirm'>;
type Rebooting = Pick<DeploySettings, 'reboot' | 'onInhibitor'>;

/** What is wrong with how the destination `local` goes together with settings of a transaction. */
export function localProblems(
  hosts: readonly Host[],
  settings: Settings & Partial<Rebooting>,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (!hosts.some(({ via }) => via === 'local')) return [];
  return [...saysWhoConfirms(settings, given), ...doesNotReboot(settings, given)];
}

/**
 * A new connection proves elsewhere that a host can still be reached; here it would prove nothing, and that is to be
 * known: it is said with each run, while a variable is forgotten.
 */
function saysWhoConfirms({ goal }: Settings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (!activates(goal) || given.get('confirm')?.from === 'flag') return [];
  return [
    {
      code: 'bad-argument',
      argument: '--confirm',
      expected:
        'given as a flag with the destination local: no new connection proves there that it can still be reached',
      found: '',
      next: 'add --confirm ask, to look for yourself after the test, or --confirm auto: without failed units it is kept',
    },
  ];
}

/** Who would look for it behind the reboot, and promote what was tried by it, would be gone. */
function doesNotReboot(
  { reboot = 'never', onInhibitor = 'refuse' }: Partial<Rebooting>,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  const wishes = [
    { setting: 'reboot', found: reboot, quiet: 'never', reboots: reboot !== 'never' },
    { setting: 'onInhibitor', found: onInhibitor, quiet: 'refuse or boot', reboots: onInhibitor === 'boot-and-reboot' },
  ];
  return wishes
    .filter(({ reboots }) => reboots)
    .map(({ setting, found, quiet }) => ({
      code: 'bad-argument',
      argument: given.get(setting)?.source ?? setting,
      expected: `${quiet} with the destination local: flurry would not outlive the reboot of its own machine`,
      found,
      next: 'leave it away and reboot by hand, or deploy to this machine from another one',
    }));
}
