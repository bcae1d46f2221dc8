/** A command line up to the cursor, as words. */
export interface TypedLine {
  readonly before: readonly string[];
  /** What stands of the word at the cursor. */
  readonly current: string;
  /** How many characters of it bash keeps, since to bash they are another word. */
  readonly kept: number;
}

/**
 * Reads bash's line up to the cursor. To bash, `--goal=test` is several words, divided at characters of COMP_WORDBREAKS: it
 * replaces only the last one.
 */
export function readBashLine([line = '', wordBreaks = '']: readonly string[]): TypedLine {
  const [, ...words] = shellWordsIn(line);
  const current = words.at(-1) ?? '';
  const last = Math.max(-1, ...[...wordBreaks].map((character) => current.lastIndexOf(character)));
  // readline divides before an @, and behind all others (rl_special_prefixes).
  return { before: words.slice(0, -1), current, kept: current[last] === '@' ? last : last + 1 };
}

/** Words as a shell would read them, the last one perhaps unfinished or empty. Nothing is expanded. */
function shellWordsIn(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? '';
    const escapes = character === '\\' && quote !== "'";
    if (escapes) word = (word ?? '') + (line[++index] ?? '');
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) [quote, word] = [character, word ?? ''];
    else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  return [...words, word ?? ''];
}
