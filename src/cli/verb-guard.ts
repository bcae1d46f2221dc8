import { type Verb, verbs } from '../config/option.ts';
import { nearNames } from '../core/explain/near-names.ts';
import type { Problem } from '../core/problem.ts';
import { shellLine } from '../core/shell-quote.ts';

/** What other tools call a verb of ours. */
const synonyms: ReadonlyMap<string, Verb> = new Map([
  ['undo', 'rollback'],
  ['revert', 'rollback'],
  ['dry-run', 'plan'],
  ['diff', 'plan'],
]);

/** What other tools call a verb, as flags of ours. */
const elsewhere: ReadonlyMap<string, readonly string[]> = new Map([
  ['switch', []],
  ['promote', []],
  ['apply', []],
  ['push', []],
  ['upgrade', []],
  ['build', ['--goal', 'build']],
  ['dry-activate', ['--goal', 'dry-activate']],
  ['test', ['--goal', 'test']],
  ['boot', ['--goal', 'boot']],
]);

const questions = ['help', 'version'] as const;
const beside = 'completion';
const allWords: readonly string[] = [...verbs, ...synonyms.keys(), ...elsewhere.keys(), ...questions, beside];

/** Gives the verb, ours or another tool's, that a word is or may be a slip of; hosts rarely look like one. */
export function lookalike(word: string): string | undefined {
  if (!/^[A-Za-z]+(?:-[A-Za-z]+)?$/.test(word)) return undefined;
  return nearNames(word, allWords).find((verb) => Math.abs(verb.length - word.length) <= 2);
}

/** Gives the word that may have been meant for the verb, of those that were typed without one: the first, or a verb in another place. */
export function suspectIn(words: readonly string[]): { readonly word: string; readonly meant: string } | undefined {
  const [first = '', ...others] = words;
  const meant = lookalike(first);
  if (meant !== undefined) return { word: first, meant };
  const verb = others.find((word) => verbs.some((one) => one === word));
  return verb === undefined ? undefined : { word: verb, meant: verb };
}

/** What stands beside the word: hosts as they were typed, and the flags that a verb takes. */
export interface BesideVerb {
  readonly hosts: readonly string[];
  readonly flagsFor: (verb: Verb) => readonly string[];
}

/**
 * Tells what to type instead of a first word that looks like a verb. Only for a word that is no configuration of the
 * flake; a host of that name can still be deployed to with the verb in front.
 */
export function notAVerb(word: string, meant: string, { hosts, flagsFor }: BesideVerb): Problem<'not-a-verb'> {
  if (questions.some((question) => question === meant))
    return { code: 'not-a-verb', word, suggestion: `flurry --${meant}` };
  if (meant === beside) return { code: 'not-a-verb', word, suggestion: 'flurry completion bash' };
  const verb = verbs.find((one) => one === meant) ?? synonyms.get(meant) ?? 'deploy';
  const others = hosts.length > 0 ? hosts : ['HOST'];
  return {
    code: 'not-a-verb',
    word,
    suggestion: shellLine(['flurry', verb, ...(elsewhere.get(meant) ?? []), ...others, ...flagsFor(verb)]),
  };
}
