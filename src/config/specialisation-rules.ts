import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DeploySettings } from './settings.ts';

type Settings = Pick<DeploySettings, 'goal' | 'reboot' | 'onInhibitor' | 'specialisation' | 'installBootloader'>;

/** Gives what is to run of the new system, and whether its boot loader is installed anew, as a host's plan has it. */
export function whatRunsOf(settings: Settings) {
  const specialisation = specialisationOf(settings);
  return {
    ...(specialisation !== undefined && settings.goal !== 'boot' && { specialisation }),
    ...(settings.installBootloader && ({ installBootloader: 'yes' } as const)),
  } as const;
}

/** What is wrong with how a specialisation, and the installation of a boot loader, go together with other settings. */
export function specialisationProblems(settings: Settings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  return [...whatRuns(settings, given), ...whatReboots(settings, given), ...whatBoots(settings, given)];
}

/** What the flake says of a host holds whenever it is to run something. */
function whatRuns(settings: Settings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  const { goal } = settings;
  const isTyped = given.get('specialisation')?.from !== 'flake';
  if (specialisationOf(settings) === undefined || !isTyped || (goal !== 'boot' && goal !== 'build')) return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('specialisation', given),
      expected: `goal dry-activate, test or promote together with it`,
      found: goal,
      next: 'leave it away: a specialisation is what runs, and what boots is its parent',
    },
  ];
}

/** As with nixos-rebuild, the boot entry is the parent's. */
function whatReboots(settings: Settings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (specialisationOf(settings) === undefined) return [];
  const rebooting = [
    ['reboot', settings.reboot, 'never', settings.reboot !== 'never'],
    ['onInhibitor', settings.onInhibitor, 'refuse or boot', settings.onInhibitor === 'boot-and-reboot'],
  ] as const;
  return rebooting
    .filter(([, , , reboots]) => reboots)
    .map(([setting, found, expected]) => ({
      code: 'bad-argument',
      argument: sourceOf(setting, given),
      expected: `${expected} together with ${sourceOf('specialisation', given)}`,
      found,
      next: 'a reboot would bring the system without it: reboot with --specialisation none, and deploy once more',
    }));
}

function whatBoots({ goal, installBootloader }: Settings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (!installBootloader || goal === 'promote' || goal === 'boot') return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('installBootloader', given),
      expected: 'goal promote or boot together with it',
      found: goal,
      next: 'leave it away: no other goal writes the boot loader',
    },
  ];
}

/** The word `none` takes back what the flake says. */
function specialisationOf({ specialisation }: Settings): string | undefined {
  return specialisation === 'none' ? undefined : specialisation;
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
