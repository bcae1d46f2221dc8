import { Command, Option as CommanderOption } from 'commander';
import type { TypedValue } from '../config/given.ts';
import { belongs } from '../config/given.ts';
import { type Option, type Verb, verbs } from '../config/option.ts';
import { flagOf, settingOf } from '../config/option-names.ts';
import { options } from '../config/options.ts';
import { nearNames } from '../core/explain/near-names.ts';
import type { Problem } from '../core/problem.ts';
import { takePairs } from './pairs.ts';

/** A command line taken apart: which words are what, before any of them is judged. */
export interface CommandLine {
  readonly verb: Verb;
  /** `left-out` where the first word is a destination: `flurry web1`. */
  readonly verbWas: 'typed' | 'left-out';
  /** What was typed where the verb was left out: one of these may have been meant for it. What `--on` names never is. */
  readonly words: readonly string[];
  /** Those of `--on` stand behind the others. */
  readonly destinations: readonly string[];
  readonly except: readonly string[];
  readonly all: boolean;
  /** By setting name. */
  readonly flags: ReadonlyMap<string, TypedValue>;
  /** What stood after `--`. */
  readonly nixArguments: readonly string[];
  readonly question?: 'help' | 'version';
  readonly problems: readonly Problem<'bad-argument'>[];
}

/** Takes a command line apart by the table of options. Never throws: what it cannot place is among the problems. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const separator = argv.indexOf('--');
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const { rest, pairs } = takePairs(own);

  const flags = new Map<string, TypedValue>(pairs);
  const { operands, unknown } = commandThatRecords(flags).parseOptions([...rest]);
  const isFlag = (word: string): boolean => word.length > 1 && word.startsWith('-');
  const words = [...operands, ...unknown.filter((word) => !isFlag(word))];
  const typedVerb = verbs.find((verb) => verb === words[0]);
  const verb = typedVerb ?? 'deploy';

  const foreign = options.filter((option) => flags.has(settingOf(option)) && !belongs(option, verb));
  const unfollowed = options.filter(
    (option) => choices.has(settingOf(option)) && listIn(flags, settingOf(option)).includes(''),
  );
  const question = flags.has('help') ? 'help' : flags.has('version') ? 'version' : undefined;
  return {
    verb,
    verbWas: typedVerb === undefined ? 'left-out' : 'typed',
    words: typedVerb === undefined ? words : [],
    destinations: [...(typedVerb === undefined ? words : words.slice(1)), ...listIn(flags, 'on').filter(isSaid)],
    except: listIn(flags, 'except').filter(isSaid),
    all: flags.has('all'),
    flags: new Map([...flags].filter(([name]) => !choices.has(name))),
    nixArguments: separator < 0 ? [] : argv.slice(separator + 1),
    ...(question !== undefined && { question }),
    problems: [
      ...unknown.filter(isFlag).map((word) => unknownOption(word, verb)),
      ...foreign.map((option) => foreignOption(option, verb)),
      ...unfollowed.map(unfollowedOption),
    ],
  };
}

/**
 * Values are optional for commander, so that a missing one does not swallow the next flag and is told with all other
 * problems. The union of all verbs' options is parsed, since the verb may stand behind them or be left out.
 */
function commandThatRecords(flags: Map<string, TypedValue>): Command {
  const command = new Command('flurry').helpOption(false).exitOverride();
  for (const option of options) {
    if (option.kind === 'pairs') continue;
    const names = 'short' in option ? `-${option.short}, ${flagOf(option)}` : flagOf(option);
    command.addOption(new CommanderOption('placeholder' in option ? `${names} [value]` : names));
    command.on(`option:${option.name}`, (value?: string | null) => record(flags, option, value ?? true));
  }
  return command;
}

/** They choose hosts, and are no settings. */
const choices: ReadonlySet<string> = new Set(options.filter((option) => 'chooses' in option).map(settingOf));

function listIn(flags: ReadonlyMap<string, TypedValue>, name: string): readonly string[] {
  const value = flags.get(name);
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function record(flags: Map<string, TypedValue>, option: Option, value: string | true): void {
  const setting = settingOf(option);
  const before = flags.get(setting);
  if (option.kind === 'count')
    flags.set(setting, before === undefined ? true : String(before === true ? 2 : Number(before) + 1));
  else if (option.kind !== 'list') flags.set(setting, value);
  else flags.set(setting, [...(Array.isArray(before) ? before : []), value === true ? '' : value]);
}

function unknownOption(word: string, verb: Verb): Problem<'bad-argument'> {
  const expected = `one that flurry ${verb} knows`;
  const [flag = word] = word.split('=', 1);
  const known = options.find((option) => flagOf(option) === flag);
  if (known !== undefined)
    return { code: 'bad-argument', argument: flag, expected: 'given without a value', found: word };
  const names = options.filter((option) => belongs(option, verb)).map(({ name }) => name);
  const [near] = word.startsWith('--') ? nearNames(flag.slice(2), names) : [];
  const next = near === undefined ? `flurry ${verb} --help lists all` : `did you mean --${near}?`;
  return { code: 'bad-argument', argument: 'each option', expected, found: flag, next };
}

function isSaid(word: string): boolean {
  return word !== '';
}

function unfollowedOption(option: Option): Problem<'bad-argument'> {
  const placeholder = 'placeholder' in option ? option.placeholder : 'a value';
  return { code: 'bad-argument', argument: flagOf(option), expected: `followed by ${placeholder}`, found: '' };
}

function foreignOption(option: Option, verb: Verb): Problem<'bad-argument'> {
  const expected = `one that flurry ${verb} knows`;
  const next = `${flagOf(option)} belongs to flurry ${option.verbs.join(', ')}`;
  return { code: 'bad-argument', argument: 'each option', expected, found: flagOf(option), next };
}
