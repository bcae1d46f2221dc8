import { printable } from '../core/untrusted.ts';

const maxLineLength = 2000;

/** The last lines that a program printed, made printable; memory stays bounded whatever the program prints. */
export interface LineTail {
  push(chunk: string): void;
  /** Takes what came after the last line end as a line. */
  end(): void;
  text(): string;
}

/** Collects the last `maxLines` lines; each complete line also goes to `onLine`. Empty lines are left out. */
export function lineTail(maxLines: number, onLine?: (line: string) => void): LineTail {
  const lines: string[] = [];
  let rest = '';
  const take = (raw: string): void => {
    const line = printable(raw.length > maxLineLength ? `${raw.slice(0, maxLineLength)}…` : raw).trimEnd();
    if (line === '') return;
    lines.push(line);
    if (lines.length > maxLines) lines.shift();
    onLine?.(line);
  };
  return {
    push(chunk) {
      const pieces = (rest + chunk).split(/\r?\n|\r/);
      rest = pieces.pop() ?? '';
      for (const piece of pieces) take(piece);
      // What comes after the cut belongs to the same endless line and is of no more use.
      if (rest.length > maxLineLength) rest = rest.slice(0, maxLineLength + 1);
    },
    end() {
      take(rest);
      rest = '';
    },
    text: () => lines.join('\n'),
  };
}
