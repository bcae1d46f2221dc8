import type { Output } from '../../src/report/output.ts';

/** A terminal in memory that knows the codes which the report uses, and fails on all others. */
export interface VirtualTerminal extends Output {
  /** All that is on the screen, without spaces at the end of lines and empty lines at the end. */
  screen(): string;
  /** What scrolled off the top, and the screen. */
  everything(): string;
  cursor(): 'shown' | 'hidden';
  /** How often a line was wrapped because it was too long. */
  wraps(): number;
  /** All that was written, raw. */
  written(): string;
  /** Changes the size; lines too long for it are wrapped anew, as terminals do. */
  resize(columns: number, rows: number): void;
}

export function openVirtualTerminal(columns: number, rows: number): VirtualTerminal {
  let size = { columns, rows };
  let lines: string[][] = [[]];
  let top = 0;
  let [row, column] = [0, 0];
  let wrapping = true;
  let cursor: 'shown' | 'hidden' = 'shown';
  let wraps = 0;
  let written = '';

  const lineFeed = (): void => {
    row++;
    if (lines.length <= row) lines.push([]);
    top = Math.max(top, row - size.rows + 1);
  };

  const put = (character: string): void => {
    const width = /\p{Mn}/u.test(character)
      ? 0
      : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]|\p{Emoji_Presentation}/u.test(character)
        ? 2
        : 1;
    if (width === 0) return;
    if (column + width > size.columns) {
      if (!wrapping) return;
      wraps++;
      lineFeed();
      column = 0;
    }
    const line = lines[row] ?? [];
    while (line.length < column) line.push(' ');
    line[column] = character;
    if (width === 2) line[column + 1] = '';
    column += width;
  };

  const control = (code: string, kind: string): void => {
    if (kind === 'A') row = Math.max(top, row - Number(code || '1'));
    else if (kind === 'K') lines[row]?.splice(column);
    else if (kind === 'J') {
      lines[row]?.splice(column);
      lines.splice(row + 1);
    } else if (code === '?7') wrapping = kind === 'h';
    else if (code === '?25') cursor = kind === 'h' ? 'shown' : 'hidden';
    else if (code !== '?2026' && kind !== 'm') throw new Error(`unknown control code ${code}${kind}`);
  };

  const text = (from: number): string =>
    lines
      .slice(from)
      .map((line) =>
        Array.from(line, (character) => character ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();

  return {
    isTTY: true,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    on: () => undefined,
    write(chunk) {
      written += chunk;
      for (const [token, code, kind, other] of chunk.matchAll(/\u001b\[([?0-9;]*)([A-Za-z])|([\s\S])/gu)) {
        if (kind !== undefined) control(code ?? '', kind);
        else if (token === '\r') column = 0;
        else if (token === '\n') {
          // A terminal makes a return of each line feed, unless a program asks it not to.
          column = 0;
          lineFeed();
        } else if (other === undefined || other < ' ')
          throw new Error(`raw control character ${JSON.stringify(token)}`);
        else put(other);
      }
      return true;
    },
    screen: () => text(top),
    everything: () => text(0),
    cursor: () => cursor,
    wraps: () => wraps,
    written: () => written,
    resize(newColumns, newRows) {
      size = { columns: newColumns, rows: newRows };
      const wrapped = lines.flatMap((line) => {
        const pieces: string[][] = [];
        for (let start = 0; start === 0 || start < line.length; start += newColumns)
          pieces.push(line.slice(start, start + newColumns));
        return pieces;
      });
      row += wrapped.length - lines.length;
      lines = wrapped;
      top = Math.max(0, row - newRows + 1);
    },
  };
}

/** A file or pipe in memory. */
export function openFile(): Output & { readonly text: () => string } {
  let written = '';
  return {
    on: () => undefined,
    write(chunk) {
      written += chunk;
      return true;
    },
    text: () => written,
  };
}
