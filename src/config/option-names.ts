import type { Option } from './option.ts';

/**
 * The name law: `--foo-bar` = `FLURRY_FOO_BAR` = `fooBar`. A flag beats the variable, the variable beats the default.
 */
export function flagOf(option: Pick<Option, 'name'>): string {
  return `--${option.name}`;
}

/** Gives the environment variable of an option; none for a question (`--help`, `--version`). */
export function variableOf(option: Pick<Option, 'name' | 'kind'>): string | undefined {
  return option.kind === 'question' ? undefined : `FLURRY_${option.name.replaceAll('-', '_').toUpperCase()}`;
}

/** Gives the name of an option as a setting. */
export function settingOf(option: Pick<Option, 'name'>): string {
  return option.name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Gives what is typed after the flag, as help shows it: `-f, --flake REF`. */
export function usageOf(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return `${short}${flagOf(option)}${'placeholder' in option ? ` ${option.placeholder}` : ''}`;
}
