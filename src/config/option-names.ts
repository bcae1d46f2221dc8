import type { Option } from './option.ts';

/**
 * The name law: `--foo-bar` = `FLURRY_FOO_BAR` = `fooBar`. What may be repeated is a list in the
 * flake, and has its plural: `--ignore-unit` = `ignoreUnits`. A flag beats the variable, the variable beats the flake, the flake beats the default.
 */
export function flagOf(option: Pick<Option, 'name'>): string {
  return `--${option.name}`;
}

/** Gives the environment variable of an option; none for a question (`--help`, `--version`), and for what chooses hosts. */
export function variableOf(option: Pick<Option, 'name' | 'kind' | 'chooses'>): string | undefined {
  if (option.kind === 'question' || option.chooses === 'hosts') return undefined;
  return `FLURRY_${option.name.replaceAll('-', '_').toUpperCase()}`;
}

/** Gives the name of an option as a setting. */
export function settingOf(option: Pick<Option, 'name' | 'kind' | 'inFlake'>): string {
  const name = option.name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return option.kind === 'list' && option.inFlake !== undefined ? `${name}s` : name;
}

/** Gives what is typed after the flag, as help shows it: `-f, --flake REF`. */
export function usageOf(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return `${short}${flagOf(option)}${'placeholder' in option ? ` ${option.placeholder}` : ''}`;
}
