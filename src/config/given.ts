import type { Option, Verb } from './option.ts';
import { flagOf, settingOf, variableOf } from './option-names.ts';
import { options } from './options.ts';

/** A value as it was typed; `true` for a flag without one. */
export type TypedValue = string | true | readonly string[] | readonly (readonly string[])[];

/** One setting as it was given, and by what: the flag, the variable, the flake, or nothing at all. */
export interface Given {
  readonly option: Option;
  /** `--goal`, `FLURRY_GOAL` or `flurry.hosts.web1.reboot`, for messages. */
  readonly source: string;
  readonly from: 'flag' | 'variable' | 'flake' | 'default';
  readonly value: TypedValue;
  /** The flake says something that cannot be read, and is told of where the flake is read. */
  readonly isBroken?: boolean;
}

/** What was given for each setting, by its camel case name; a setting that nothing gives is absent. */
export type GivenSettings = ReadonlyMap<string, Given>;

/**
 * Merges flags (by setting name) with the environment and the defaults, for the options of one verb. An empty variable
 * counts as unset; lists are replaced, not joined.
 */
export function gatherSettings(
  verb: Verb,
  flags: ReadonlyMap<string, TypedValue>,
  environment: Readonly<Record<string, string | undefined>>,
): GivenSettings {
  const given = new Map<string, Given>();
  for (const option of options) {
    if (!isSetting(option) || !belongs(option, verb)) continue;
    const one = fromFlag(option, flags) ?? fromVariable(option, environment) ?? fromDefault(option);
    if (one !== undefined) given.set(settingOf(option), one);
  }
  return given;
}

/** Puts what the flake says under what was typed; where it bears on nothing that the verb knows, it says nothing. */
export function withFlake(typed: GivenSettings, flake: GivenSettings, verb: Verb): GivenSettings {
  return new Map([...typed, ...heard(typed, flake, verb).filter(([, { isBroken }]) => isBroken !== true)]);
}

/** Names the settings of which only the flake says something, which cannot be read. */
export function brokenIn(typed: GivenSettings, flake: GivenSettings, verb: Verb): ReadonlySet<string> {
  const broken = heard(typed, flake, verb).filter(([, { isBroken }]) => isBroken === true);
  return new Set(broken.map(([name]) => name));
}

function heard(typed: GivenSettings, flake: GivenSettings, verb: Verb): readonly (readonly [string, Given])[] {
  return [...flake].filter(
    ([name, { option }]) => belongs(option, verb) && (typed.get(name)?.from ?? 'default') === 'default',
  );
}

/** Tells whether an option is a setting: neither a question nor a choice of hosts. */
export function isSetting(option: Option): boolean {
  return option.kind !== 'question' && option.chooses === undefined;
}

/** Tells whether a verb has this option. `config` shows the settings of a deployment, and so takes its options. */
export function belongs(option: Option, verb: Verb): boolean {
  return option.verbs.some((one) => one === (verb === 'config' ? 'deploy' : verb));
}

/** Gives the words that a verb takes for an option; none where it takes other than words. */
export function wordsFor(option: Option, verb: Verb): readonly string[] {
  if (option.kind !== 'word') return [];
  return option.words.filter((word) => option.notFor?.[verb]?.includes(word) !== true);
}

function fromFlag(option: Option, flags: ReadonlyMap<string, TypedValue>): Given | undefined {
  const value = flags.get(settingOf(option));
  return value === undefined ? undefined : { option, source: flagOf(option), from: 'flag', value };
}

function fromVariable(option: Option, environment: Readonly<Record<string, string | undefined>>): Given | undefined {
  const source = variableOf(option);
  const text = source === undefined ? undefined : environment[source];
  if (source === undefined || text === undefined || text.trim() === '') return undefined;
  return { option, source, from: 'variable', value: valueIn(option, text) };
}

function fromDefault(option: Option): Given | undefined {
  if (!('default' in option) || option.default === undefined) return undefined;
  return { option, source: flagOf(option), from: 'default', value: option.default };
}

/** Lists stand one value a line; a pair is a name, blanks, and the rest of the line. */
function valueIn(option: Option, text: string): TypedValue {
  if (option.kind !== 'list' && option.kind !== 'pairs') return text;
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (option.kind === 'list') return lines;
  return lines.map((line) => {
    const [, name = line, value] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return value === undefined ? [name] : [name, value];
  });
}
