import { tagPattern } from './fleet/own-settings.ts';

/** Hosts for which all terms hold. */
export type Selector = readonly Term[];
export type Term =
  | { readonly kind: 'tag'; readonly tag: string; readonly text: string }
  /** A name; each `*` in it stands for any letters. */
  | { readonly kind: 'name'; readonly matches: (name: string) => boolean; readonly text: string };

/** Tells whether a word is meant for hosts of the flake, and not for an address: it has a `*`, or an `@` that no user stands before. */
export function looksLikeSelector(word: string): boolean {
  return word.includes('*') || /(?:^|\+)@/.test(word);
}

/** Reads `@web`, `web*`, `@web+@eu`, `@web+web*`; the first term that is none. */
export function readSelector(word: string): Selector | { readonly bad: string } {
  const terms: Term[] = [];
  for (const text of word.split('+')) {
    const term = readTerm(text);
    if (term === undefined) return { bad: text };
    terms.push(term);
  }
  return terms;
}

function readTerm(text: string): Term | undefined {
  if (text.startsWith('@')) {
    const tag = text.slice(1);
    return tagPattern.test(tag) ? { kind: 'tag', tag, text } : undefined;
  }
  if (!/^[A-Za-z0-9_.*-]+$/.test(text) || text.startsWith('-')) return undefined;
  const pattern = new RegExp(`^${text.split('*').map(escaped).join('.*')}$`);
  return { kind: 'name', matches: (name) => pattern.test(name), text };
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}
