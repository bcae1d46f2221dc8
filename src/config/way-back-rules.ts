import { duration } from '../core/explain/quantity.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

/** A reboot that waits for a disk passphrase is one more way to lose the host. */
export function rebootNeedsUnattendedBoot(
  { ifRollbackFails, unattendedBoot }: Pick<DeploySettings, 'ifRollbackFails' | 'unattendedBoot'>,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (ifRollbackFails !== 'reboot' || unattendedBoot) return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('ifRollbackFails', given),
      expected: 'hold, unless it is known that the hosts boot without a person',
      found: 'reboot',
      next: whereTheyBootAlone('ifRollbackFails', given),
    },
  ];
}

/** A reboot is asked for by name: who types it now knows the hosts, while a variable or a flake outlives that knowledge. */
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
      next: `give it as a flag, or, ${whereTheyBootAlone(setting, given)}`,
    }));
}

/** The longest wait must not be shorter than the first one. */
export function capCoversTheFirstWait(
  { confirmCap, confirmTimeout }: Pick<DeploySettings, 'confirmCap' | 'confirmTimeout'>,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (confirmCap >= confirmTimeout) return [];
  const [cap, wait] = [given.get('confirmCap'), given.get('confirmTimeout')];
  // Nobody gave the default: what is missing is missing where the longer wait was given.
  const isMissing = cap?.from === 'default' && wait?.from === 'flake';
  const next =
    isMissing || cap?.from === 'flake'
      ? `write limits.confirmCap = "${wait?.value}", or more`
      : `add --confirm-cap ${wait?.value}, or more`;
  return [
    {
      code: 'bad-argument',
      argument: isMissing ? wait.source.replace(/[^.]+$/, 'confirmCap') : sourceOf('confirmCap', given),
      expected: `at least ${sourceOf('confirmTimeout', given)}, ${duration(confirmTimeout)}`,
      found: duration(confirmCap),
      ...(typeof wait?.value === 'string' && { next }),
    },
  ];
}

function whereTheyBootAlone(setting: string, given: GivenSettings): string {
  const isInFlake = given.get(setting)?.from === 'flake';
  const how = isInFlake ? 'write unattendedBoot = true beside it' : 'add --unattended-boot';
  return `if ${isInFlake ? 'no host that it is written for' : 'none of them'} waits for a disk passphrase, ${how}`;
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
