import { parseDestination } from '../config/destination.ts';
import { belongs, gatherSettings, wordsFor } from '../config/given.ts';
import { type Option, type Verb, verbs } from '../config/option.ts';
import { flagOf, settingOf } from '../config/option-names.ts';
import { options } from '../config/options.ts';
import type { Environment } from '../report/capability.ts';
import { readCommandLine } from './command-line.ts';
import { shells } from './completion-help.ts';
import { verbHelp } from './verb-help.ts';

/** A word that may stand at the cursor, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly help: string;
}

export type Wanted =
  | { readonly kind: 'words' | 'files' | 'directories'; readonly candidates: readonly Candidate[] }
  /** Hosts of the flake, and the candidates besides. */
  | {
      readonly kind: 'destinations';
      readonly candidates: readonly Candidate[];
      readonly flake: string;
      readonly typed: readonly string[];
      readonly verbWas: 'typed' | 'left-out';
    };

const nothing = { kind: 'words', candidates: [] } as const;

/** Tells what may stand at the cursor, by the table of options. `before` are the words before it, without the program. */
export function wantedAt({
  before,
  current,
  environment,
}: {
  readonly before: readonly string[];
  readonly current: string;
  readonly environment: Environment;
}): Wanted {
  if (before[0] === 'completion') return before.length === 1 ? { ...nothing, candidates: shells.map(bare) } : nothing;
  if (before.includes('--')) return nothing;
  const line = readCommandLine(before);
  const pending = pendingValue(before);
  const isHost = pending?.placeholder === 'DEST';
  if (pending !== undefined && !isHost && !current.startsWith('-')) return valuesOf(pending, line.verb, '');

  const [, flag] = /^(--[^=]+)=/.exec(current) ?? [];
  const named = options.find((option) => flagOf(option) === flag && 'placeholder' in option);
  if (named !== undefined) return valuesOf({ option: named, placeholder: placeholderOf(named) }, line.verb, `${flag}=`);
  if (current.startsWith('-')) {
    const free = options.filter((option) => belongs(option, line.verb) && mayStand(option, line.flags));
    return { kind: 'words', candidates: free.flatMap(flagCandidates) };
  }
  if (line.verb === 'config' && line.destinations.length === 0) return { ...nothing, candidates: [bare('show')] };
  const isFirst = !isHost && line.verbWas === 'left-out' && line.destinations.length === 0;
  return {
    kind: 'destinations',
    candidates: isFirst ? [...verbs.map((verb) => ({ word: verb, help: verbHelp[verb].summary })), completionVerb] : [],
    flake: flakeOf(line.flags, environment),
    typed: line.destinations,
    // Behind --on a host that is called like a verb is one.
    verbWas: isHost ? 'typed' : line.verbWas,
  };
}

/** Hosts and tags as destinations, in the form that is being typed; none that is no destination, whatever a flake calls it. */
export function hostCandidates(
  words: readonly string[],
  current: string,
  { typed, verbWas }: { readonly typed: readonly string[]; readonly verbWas: 'typed' | 'left-out' },
): readonly Candidate[] {
  const [form = ''] = /^(?:\.#|[^/]*\/|[^/@]*@)/.exec(current) ?? [];
  if (/^@|\+@?[^+]*$/.test(current)) return tagCandidates(words, current);
  const names = words.filter((word) => !/^[@.]/.test(word));
  const others = words.flatMap((word) => (word.startsWith('.#') ? [word.slice(2)] : []));
  const isOfConfiguration = form === '.#' || form.endsWith('/');
  const offered = isOfConfiguration && others.length > 0 ? others : names;
  const isFirst = verbWas === 'left-out' && typed.length === 0;
  const isVerb = (word: string): boolean => isFirst && [...verbs, 'completion'].includes(word);
  const help = isOfConfiguration ? 'configuration of the flake' : 'host of the flake';
  const hosts = offered
    .map((name) => ({ word: `${form}${name}`, help }))
    .filter(({ word }) => !('code' in parseDestination(word)) && !typed.includes(word) && !isVerb(word));
  return form === '' ? [...hosts, ...tagCandidates(words, '')] : hosts;
}

/** `@web`, and behind a + the further tag that a host must have as well. */
function tagCandidates(words: readonly string[], current: string): readonly Candidate[] {
  const before = current.slice(0, current.lastIndexOf('+') + 1);
  return words
    .filter((word) => word.startsWith('@') && !before.split('+').includes(word))
    .map((tag) => ({ word: `${before}${tag}`, help: 'hosts with this tag' }));
}

const completionVerb = { word: 'completion', help: 'print what teaches a shell to complete' } as const;

function bare(word: string): Candidate {
  return { word, help: '' };
}

interface Pending {
  readonly option: Option;
  /** Of the value that is wanted. */
  readonly placeholder: string;
}

/** The option that the words before the cursor leave without its value. */
function pendingValue(before: readonly string[]): Pending | undefined {
  const [first = '', last = ''] = [before.at(-2), before.at(-1)];
  const second = optionOf(first);
  if (second?.kind === 'pairs' && first.startsWith('--') && !last.startsWith('-'))
    return { option: second, placeholder: second.placeholder.split(' ')[1] ?? '' };
  const option = optionOf(last);
  return option === undefined || !('placeholder' in option)
    ? undefined
    : { option, placeholder: placeholderOf(option) };
}

/** The option that a word names; of short ones that stand together the last. */
function optionOf(word: string): Option | undefined {
  if (word.startsWith('--')) return options.find((option) => flagOf(option) === word);
  const [, letter] = /^-[A-Za-z]*([A-Za-z])$/.exec(word) ?? [];
  return letter === undefined ? undefined : options.find((option) => 'short' in option && option.short === letter);
}

function placeholderOf(option: Option): string {
  return 'placeholder' in option ? (option.placeholder.split(' ')[0] ?? '') : '';
}

function valuesOf({ option, placeholder }: Pending, verb: Verb, before: string): Wanted {
  if (option.kind === 'word')
    return { kind: 'words', candidates: wordsFor(option, verb).map((word) => bare(`${before}${word}`)) };
  switch (placeholder) {
    case 'FILE':
      return { kind: 'files', candidates: [] };
    case 'DIR':
    case 'REF':
      return { kind: 'directories', candidates: [] };
    default:
      return nothing;
  }
}

function mayStand(option: Option, flags: ReadonlyMap<string, unknown>): boolean {
  return option.kind === 'list' || option.kind === 'pairs' || !flags.has(settingOf(option));
}

function flagCandidates(option: Option): readonly Candidate[] {
  const short = option.short === undefined ? [] : [{ word: `-${option.short}`, help: option.help }];
  return [{ word: flagOf(option), help: option.help }, ...short];
}

function flakeOf(flags: ReturnType<typeof readCommandLine>['flags'], environment: Environment): string {
  const value = gatherSettings('deploy', flags, environment).get('flake')?.value;
  return typeof value === 'string' ? value : '.';
}
