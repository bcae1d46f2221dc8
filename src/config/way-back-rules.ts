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
