// No `=` in front: zsh takes `=word` for the path of a program.
const plainWord = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** Gives one word as POSIX sh reads it back unchanged: plain words as they are, all others in single quotes. */
export function shellQuote(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Gives a command line that a person can paste. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}
