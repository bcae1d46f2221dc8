import { FlurryError } from '../core/problem.ts';

/** An answer of lines `KEY VALUE`: a key may come again. Lines without a key are skipped; order within a key is kept. */
export interface Fields {
  /** The first value of this key. Throws bad-answer where the key is missing. */
  text(key: string): string;
  /** The first value, or nothing where the key is missing or its value empty. */
  optional(key: string): string | undefined;
  all(key: string): readonly string[];
  /** A whole number ≥ 0. Throws bad-answer. */
  count(key: string): number;
  /** The value, if it is one of these words. Throws bad-answer. */
  word<W extends string>(key: string, words: readonly W[]): W;
}

/** Reads what one of our scripts printed. `question` names it in errors. */
export function readFields(question: string, answer: string): Fields {
  const values = new Map<string, string[]>();
  for (const line of answer.split('\n')) {
    const [, key, value] = /^([a-z][a-z-]*) ?(.*)$/.exec(line) ?? [];
    if (key !== undefined) values.set(key, [...(values.get(key) ?? []), (value ?? '').trim()]);
  }
  const bad = (expected: string, found: string): FlurryError =>
    new FlurryError({ code: 'bad-answer', question, expected, found });
  const text = (key: string): string => {
    const value = values.get(key)?.[0];
    if (value === undefined) throw bad(`a line “${key} …”`, answer.slice(0, 200) || 'nothing');
    return value;
  };
  return {
    text,
    optional: (key) => values.get(key)?.[0] || undefined,
    all: (key) => values.get(key) ?? [],
    count: (key) => {
      const value = text(key);
      if (!/^\d{1,15}$/.test(value)) throw bad(`a number for “${key}”`, value);
      return Number(value);
    },
    word: (key, words) => {
      const value = text(key);
      const word = words.find((candidate) => candidate === value);
      if (word === undefined) throw bad(`${key} as one of ${words.join(', ')}`, value);
      return word;
    },
  };
}
