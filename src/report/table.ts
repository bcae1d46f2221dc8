import type { Look } from './look.ts';
import { cut, widthOf } from './width.ts';

export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface Column {
  readonly title: string;
  readonly cells: readonly Cell[];
  /** What the column can be cut to. */
  readonly least: number;
  readonly align: 'left' | 'right';
}

type Fitted = Column & { readonly width: number };

const gap = '  ';

/** Makes a column; it is never cut below `most`, unless its cells take less. */
export function columnOf(title: string, most: number, cells: readonly Cell[], align: Column['align'] = 'left'): Column {
  return { title, cells, align, least: Math.min(most, naturalWidth({ title, cells })) };
}

/** What a column takes where nothing of it is cut. */
export function naturalWidth({ title, cells }: Pick<Column, 'title' | 'cells'>): number {
  return Math.max(widthOf(title), ...cells.map(({ text }) => widthOf(text)));
}

/** What a table of these columns takes where nothing is cut. */
export function tableWidth(columns: readonly Column[]): number {
  return columns.reduce((total, column) => total + naturalWidth(column), gap.length * (columns.length - 1));
}

/** Gives titles and rows no wider than `room`: too narrow for all, columns are cut to their least, then the last ones go. */
export function tableRows(columns: readonly Column[], room: number, look: Look): readonly string[] {
  const fitted = fit(columns, room);
  const rows = columns[0]?.cells.length ?? 0;
  return [
    rowOf(
      fitted.map(({ title }) => ({ text: title, paint: look.paint.dim })),
      fitted,
      look,
    ),
    ...Array.from({ length: rows }, (_, index) =>
      rowOf(
        fitted.map(({ cells }) => cells[index] ?? { text: '' }),
        fitted,
        look,
      ),
    ),
  ];
}

function rowOf(cells: readonly Cell[], columns: readonly Fitted[], look: Look): string {
  return columns
    .map(({ width, align }, index) => {
      const { text, paint = plain } = cells[index] ?? { text: '' };
      const short = cut(text, width, look.marks.ellipsis);
      const spaces = ' '.repeat(Math.max(0, width - widthOf(short)));
      // Spaces stay outside the paint, so that those at the end of a row can be taken off.
      return align === 'right' ? `${spaces}${paint(short)}` : `${paint(short)}${spaces}`;
    })
    .join(gap)
    .trimEnd();
}

const plain = (text: string): string => text;

function fit(columns: readonly Column[], room: number): readonly Fitted[] {
  for (let number = columns.length; number > 1; number--) {
    const kept = columns.slice(0, number);
    if (leastWidth(kept) <= room) return shared(kept, room);
  }
  return columns.slice(0, 1).map((column) => ({ ...column, width: Math.max(1, room) }));
}

/** Hands out the room from the left, each column at least its least. */
function shared(columns: readonly Column[], room: number): readonly Fitted[] {
  let free = room - leastWidth(columns);
  return columns.map((column) => {
    const more = Math.min(Math.max(0, free), naturalWidth(column) - column.least);
    free -= more;
    return { ...column, width: column.least + more };
  });
}

function leastWidth(columns: readonly Column[]): number {
  return columns.reduce((total, { least }) => total + least, gap.length * (columns.length - 1));
}
