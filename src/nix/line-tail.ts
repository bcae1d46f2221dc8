import { printable } from '../core/untrusted.ts';

const maxLineLength = 2000;
// What is read before it is shown may be longer by far than its words.
const maxReadLength = 256 * 1024;

/** The last lines that a program printed, made printable; memory stays bounded whatever the program prints. */
export interface LineTail {
  push(chunk: string): void;
  /** Takes what came after the last line end as a line. */
  end(): void;
  text(): string;
}

/**
 * Collects the last `maxLines` lines; each complete line also goes to `onLine`. Empty lines are left out. `read` gives the
 * words of a line where it is no text yet: several lines of them, or nothing.
 */
export function lineTail(
  maxLines: number,
  onLine?: (line: string) => void,
  read?: (line: string) => string | undefined,
): LineTail {
  const longest = read === undefined ? maxLineLength : maxReadLength;
  const lines: string[] = [];
  let rest = '';
  const show = (raw: string): void => {
    const line = printable(raw.length > maxLineLength ? `${raw.slice(0, maxLineLength)}…` : raw).trimEnd();
    if (line === '') return;
    lines.push(line);
    if (lines.length > maxLines) lines.shift();
    onLine?.(line);
  };
  const take = (raw: string): void => {
    const words = read === undefined ? raw : read(raw);
    for (const line of words?.split(/\r?\n|\r/) ?? []) show(line);
  };
  return {
    push(chunk) {
      const pieces = (rest + chunk).split(/\r?\n|\r/);
      rest = pieces.pop() ?? '';
      for (const piece of pieces) take(piece);
      // What comes after the cut belongs to the same endless line and is of no more use.
      if (rest.length > longest) rest = rest.slice(0, longest + 1);
    },
    end() {
      take(rest);
      rest = '';
    },
    text: () => lines.join('\n'),
  };
}
