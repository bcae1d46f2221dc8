import { printable } from '../untrusted.ts';

/** Gives untrusted text fit for the middle of a sentence: printable, on one line, no longer than `limit`. */
export function shown(text: string, limit = 120): string {
  // Cut before it is cleaned as well: a line may be megabytes long.
  const clean = printable(text.slice(0, 4 * limit)).trim();
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).trimEnd()}…`;
}

/** Gives a value that was found, in quotes, so that its ends can be seen; nothing at all is told as such. */
export function quoted(text: string, limit = 120): string {
  return text === '' ? 'nothing' : `"${shown(text, limit)}"`;
}

/**
 * Gives what of a program's words is worth a place in a sentence: the last line that says something, at most 200
 * characters. Frames, carets and the advice at the end of Nix's messages are passed over.
 */
export function lastWords(tail: string, limit = 200): string | null {
  const lines = tail
    .slice(-16_384)
    .split(/\r\n|[\r\n]/)
    .map((line) => shown(line.slice(0, 4 * limit).replace(storeHash, '$1-'), limit))
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  const error = lines.findLast((line) => /^(?:\S+: )?error\b.*\w{3}.* /i.test(line) && !isAdvice(line));
  const failure = lines.findLast((line) => /^(?:\S+: )?(?:fatal|failed|cannot)\b/i.test(line) && !isAdvice(line));
  return error ?? failure ?? lines.findLast((line) => !isAdvice(line)) ?? lines.at(-1) ?? null;
}

/** Gives `sentence: last words`, or the sentence alone where the program said nothing. */
export function withLastWords(sentence: string, tail: string): string {
  const words = lastWords(tail);
  return words === null ? sentence : `${sentence}: ${words.replace(/[.:\s]+$/, '')}`;
}

/** Gives names for a sentence: `a, b and 7 more`. */
export function listed(names: readonly string[], most = 12): string {
  const head = names.slice(0, most).map((name) => shown(name, 64));
  const rest = names.length - head.length;
  return rest > 0 ? `${head.join(', ')} and ${rest} more` : head.join(', ');
}

// A sentence needs no more of a store path than people compare.
const storeHash = /\/nix\/store\/([0-9a-z]{7})[0-9a-z]{25}-/g;

function isAdvice(line: string): boolean {
  return /^(?:for full logs, run|pre-switch checks failed|.*: terminating, \d+ bad configuration|use '--show-trace'|\(use '--show-trace'|note: (?:see|trace)|hint: )/i.test(
    line,
  );
}
