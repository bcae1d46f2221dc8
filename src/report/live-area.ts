import { stripVTControlCharacters } from 'node:util';
import type { Output, Sink } from './output.ts';
import type { Size } from './screen.ts';
import { widthOf } from './width.ts';

const csi = '\u001b[';
export const hideCursor = `${csi}?25l`;
export const showCursor = `${csi}?25h`;
// Without automatic wrapping a character whose width we judge wrongly is clipped instead of breaking the screen.
// 2026 is synchronised output: the terminal shows a frame as a whole, and ignores the codes where it does not know them.
export const beginFrame = `${csi}?2026h`;
const withoutWrapping = `${csi}?7l`;
const endFrame = `${csi}?7h${csi}?2026l`;
// Never at the top of the area: where that is the top of the screen, tmux moves all that is erased into its history.
const eraseToLineEnd = `${csi}K`;
const eraseBelow = `${csi}J`;

/** Some rows at the end of the terminal that are drawn again and again, below all that is printed for good. */
export interface LiveArea {
  /** Draws the rows, of which only those that changed are written; `above` is printed for good on top of them. */
  draw(rows: readonly string[], above?: readonly string[]): void;
  /** Removes the area, or leaves it as it is; the cursor is shown again. May be called twice. */
  end(how: 'erase' | 'keep'): void;
  /** Draws the next frame below whatever is on the screen now: after the process was stopped and continued. */
  forget(): void;
}

export function openLiveArea(output: Output, sink: Sink): LiveArea {
  let drawn: readonly string[] = [];
  let drawnColumns = sizeOf(output).columns;
  let hidden = false;

  const toTop = (): string => {
    const rows = rowsTaken(drawn, drawnColumns, sizeOf(output).columns);
    return rows > 0 ? `${csi}${rows}A\r` : '\r';
  };

  return {
    draw(rows, above = []) {
      const { columns } = sizeOf(output);
      const redraw = above.length > 0 || columns !== drawnColumns;
      if (!redraw && rows.length === drawn.length && rows.every((row, index) => row === drawn[index])) return;
      const body = rows.map((row, index) => (!redraw && row === drawn[index] ? '\n' : `${row}${eraseToLineEnd}\n`));
      // Lines printed for good wrap where they are longer than the terminal is wide, so that nothing of them is lost.
      const printed = above.map((line) => `${line}${eraseToLineEnd}\n`);
      sink.write(
        [
          hidden ? '' : hideCursor,
          beginFrame,
          toTop(),
          ...printed,
          withoutWrapping,
          ...body,
          eraseBelow,
          endFrame,
        ].join(''),
      );
      hidden = true;
      drawn = rows;
      drawnColumns = columns;
    },
    end(how) {
      const rows = rowsTaken(drawn, drawnColumns, sizeOf(output).columns);
      const erase = how === 'erase' && rows > 0 ? `${toTop()}${`${eraseToLineEnd}\n`.repeat(rows)}${toTop()}` : '';
      sink.write(`${erase}${hidden ? showCursor : ''}`);
      drawn = [];
      hidden = false;
    },
    forget() {
      drawn = [];
      hidden = false;
    },
  };
}

/** Some terminals, and pseudo-terminals nobody sized, say 0 or nothing. */
export function sizeOf(output: Output): Size {
  const { columns, rows } = output;
  return {
    columns: columns !== undefined && columns > 0 ? columns : 80,
    rows: rows !== undefined && rows > 0 ? rows : 24,
  };
}

/** A terminal that became narrower has wrapped what was drawn, as nearly all of them do today. */
function rowsTaken(drawn: readonly string[], drawnColumns: number, columns: number): number {
  if (columns >= drawnColumns) return drawn.length;
  return drawn.reduce(
    (rows, row) => rows + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(row)) / columns)),
    0,
  );
}
