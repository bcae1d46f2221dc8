/** Hosts for which all terms hold. */
export type Selector = readonly Term[];
export type Term =
  | { readonly kind: 'tag'; readonly tag: string; readonly text: string }
  /** A name; each `*` in it stands for any letters, none as well, dots too. Case counts, as in names. */
  | { readonly kind: 'name'; readonly text: string };

/** Why a word is no selector: a term of it is none, or it would mean every host there may ever be. */
export type BadSelector = { readonly bad: 'term'; readonly term: string } | { readonly bad: 'everything' };

/** What can be a tag: what can be typed behind an @. */
export const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Tells whether a word is meant for hosts of the flake, and not for an address: it has a `*`, or an `@` that no user stands before. */
export function looksLikeSelector(word: string): boolean {
  return word.includes('*') || /(?:^|\+)@/.test(word);
}

/** Reads `@web`, `web*`, `@web+@eu`, `@web+web*`; tells the first term that is none. */
export function readSelector(word: string): Selector | BadSelector {
  const terms: Term[] = [];
  for (const text of word.split('+')) {
    const term = readTerm(text);
    if (term === undefined) return { bad: 'term', term: text };
    terms.push(term);
  }
  return terms.every(({ text }) => /^\*+$/.test(text)) ? { bad: 'everything' } : terms;
}

/** Tells whether all terms hold for a host of that name and these tags. */
export function isMeant(name: string, tags: readonly string[], selector: Selector): boolean {
  return selector.every((term) => (term.kind === 'tag' ? tags.includes(term.tag) : matches(name, term.text)));
}

function readTerm(text: string): Term | undefined {
  if (text.startsWith('@')) {
    const tag = text.slice(1);
    return tagPattern.test(tag) ? { kind: 'tag', tag, text } : undefined;
  }
  return /^[A-Za-z0-9_.*][A-Za-z0-9_.*-]*$/.test(text) ? { kind: 'name', text } : undefined;
}

/** Each part is looked for behind the one before: no pattern takes longer than the name is. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of others) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= end;
}
