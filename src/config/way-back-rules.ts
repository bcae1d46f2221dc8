import { duration } from '../core/explain/quantity.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

export type WayBackSettings = Pick<
  DeploySettings,
  'ifRollbackFails' | 'unattendedBoot' | 'confirmCap' | 'confirmTimeout'
>;

/** What is wrong with how the settings of the proof and the way back go together, each law by its own rule. */
export function wayBackProblems(settings: WayBackSettings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  return [...rebootNeedsUnattendedBoot(settings, given), ...capCoversTheFirstWait(settings, given)];
}

/** A reboot that waits for a disk passphrase is one more way to lose the host. */
function rebootNeedsUnattendedBoot(
  { ifRollbackFails, unattendedBoot }: WayBackSettings,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (ifRollbackFails !== 'reboot' || unattendedBoot) return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('ifRollbackFails', given),
      expected: 'hold, unless it is known that the hosts boot without a person',
      found: 'reboot',
      next: 'if none of them waits for a disk passphrase, add --unattended-boot',
    },
  ];
}

/** A reboot is asked for by name: who types it now knows the hosts, while a variable outlives that knowledge. */
export function rebootProblems(
  { reboot, onInhibitor, unattendedBoot }: Pick<DeploySettings, 'reboot' | 'onInhibitor' | 'unattendedBoot'>,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (unattendedBoot) return [];
  const wishes = [
    { setting: 'reboot', found: reboot, quiet: 'never', reboots: reboot !== 'never' },
    { setting: 'onInhibitor', found: onInhibitor, quiet: 'refuse', reboots: onInhibitor === 'boot-and-reboot' },
  ];
  return wishes
    .filter(({ setting, reboots }) => reboots && given.get(setting)?.from !== 'flag')
    .map(({ setting, found, quiet }) => ({
      code: 'bad-argument',
      argument: sourceOf(setting, given),
      expected: `${quiet} where no flag asks for a reboot, unless it is known that the hosts boot without a person`,
      found,
      next: `give it as a flag, or, if none of them waits for a disk passphrase, add --unattended-boot`,
    }));
}

function capCoversTheFirstWait(
  { confirmCap, confirmTimeout }: WayBackSettings,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (confirmCap >= confirmTimeout) return [];
  const wait = given.get('confirmTimeout');
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('confirmCap', given),
      expected: `at least ${sourceOf('confirmTimeout', given)}, ${duration(confirmTimeout)}`,
      found: duration(confirmCap),
      ...(typeof wait?.value === 'string' && { next: `add --confirm-cap ${wait.value}, or more` }),
    },
  ];
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
