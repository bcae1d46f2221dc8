import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { DecideSettings } from './settings.ts';

/** Where the password of sudo comes from: a person, what a command of the user's prints, a file. */
export type ElevatePassword =
  | { readonly kind: 'none' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'file'; readonly path: string };

type ElevateSettings = Pick<
  DecideSettings,
  'elevate' | 'askElevatePassword' | 'elevatePasswordCommand' | 'elevatePasswordFile'
>;

/** What is wrong with how root is to be reached: one password at most, and of sudo, which alone takes one without a terminal. */
export function elevateProblems(settings: ElevateSettings, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  const [first, second] = sourcesIn(settings);
  if (first === undefined) return [];
  return [...onlyOfSudo(first, settings, given), ...onlyOne(first, second, given)];
}

/** Where the password of sudo comes from. */
export function elevatePasswordOf(settings: ElevateSettings): ElevatePassword {
  const { askElevatePassword, elevatePasswordCommand, elevatePasswordFile } = settings;
  if (elevatePasswordCommand !== undefined) return { kind: 'command', command: elevatePasswordCommand };
  if (elevatePasswordFile !== undefined) return { kind: 'file', path: elevatePasswordFile };
  return { kind: askElevatePassword ? 'ask' : 'none' };
}

function onlyOfSudo(
  source: string,
  { elevate }: ElevateSettings,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  if (elevate === 'auto' || elevate === 'sudo') return [];
  const why = elevate === 'none' ? 'it becomes root by nothing' : `${elevate} takes a password from a terminal only`;
  return [
    {
      code: 'bad-argument',
      argument: sourceOf('elevate', given),
      expected: `sudo together with ${sourceOf(source, given)}`,
      found: elevate,
      next: `leave one of the two away: ${why}`,
    },
  ];
}

function onlyOne(first: string, second: string | undefined, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  if (second === undefined) return [];
  return [
    {
      code: 'bad-argument',
      argument: sourceOf(second, given),
      expected: 'one source of the password of sudo',
      found: `${sourceOf(first, given)} as well`,
    },
  ];
}

function sourcesIn(settings: ElevateSettings): readonly string[] {
  const sources = ['askElevatePassword', 'elevatePasswordCommand', 'elevatePasswordFile'] as const;
  return sources.filter((source) => settings[source] !== undefined && settings[source] !== false);
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
