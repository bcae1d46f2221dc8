import type { Board } from './board.ts';
import type { Look } from './look.ts';
import type { CommandTo } from './status-block.ts';
import { wrapped } from './width.ts';

export interface PreviewOptions {
  readonly board: Board;
  readonly columns: number;
  readonly look: Look;
  readonly commandTo: CommandTo;
}

/** What the dry activation of a host said. */
export function previewOf(host: string, board: Board): readonly string[] {
  return board.host(host)?.preview ?? [];
}

/** How many rows each preview may take: one alone is read whole, of many the beginnings. */
export function previewRows(previews: number): number {
  return Math.max(6, Math.floor(40 / Math.max(1, previews)));
}

/** Tells what would be done, in the words of the dry activation: it is what was asked for. Lists of units are wrapped, not cut. */
export function previewText(host: string, options: PreviewOptions, mostRows: number): readonly string[] {
  const { board, columns, look } = options;
  const bar = `  ${look.paint.dim(look.marks.bar)} `;
  const rows = previewOf(host, board).flatMap((line) =>
    wrapped(look.text(line), columns - 6).map((row, index) => `${bar}${index === 0 ? '' : '  '}${row}`),
  );
  if (rows.length === 0) return ['  its dry activation printed nothing'];
  if (rows.length <= mostRows) return rows;
  const left = rows.length - mostRows;
  return [
    ...rows.slice(0, mostRows),
    `  ${look.marks.ellipsis} and ${left} ${left === 1 ? 'line' : 'lines'} more; all of them:`,
    `    ${look.paint.cyan(look.command(options.commandTo('attach', [host])))}`,
  ];
}
