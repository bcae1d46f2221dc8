import type { HostResult } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { shortToplevel, toplevelHash } from './toplevel.ts';
import { cut, widthOf } from './width.ts';
import { verdictWords } from './words.ts';

interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

interface Column {
  readonly title: string;
  readonly cells: readonly Cell[];
  /** What the column can be cut to. */
  readonly least: number;
  readonly align: 'left' | 'right';
}

type Fitted = Column & { readonly width: number };

/** Lists how each host ended, in rows no wider than `columns`: too narrow for all, toplevels become hashes, then columns go. */
export function verdictTable(results: readonly HostResult[], columns: number, look: Look): readonly string[] {
  const fitted = fit(results, columns, look);
  return [
    row(
      fitted.map(({ title }) => ({ text: title, paint: look.paint.dim })),
      fitted,
      look,
    ),
    ...results.map((_, index) =>
      row(
        fitted.map(({ cells }) => cells[index] ?? { text: '' }),
        fitted,
        look,
      ),
    ),
  ];
}

const gap = '  ';

function row(cells: readonly Cell[], columns: readonly Fitted[], look: Look): string {
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
/** For so much of a reason it is worth it to shorten the toplevels; with less than the second, reasons are left to the text below. */
const usefulReason = 24;
const leastReason = 16;

function fit(results: readonly HostResult[], room: number, look: Look): readonly Fitted[] {
  const long = columnsOf(results, look, shortToplevel);
  if (sum(long.map(natural)) + gap.length * (long.length - 1) - excess(long) <= room) return shared(long, room);
  const short = columnsOf(results, look, toplevelHash);
  for (let number = short.length; number > 1; number--) {
    const kept = short.slice(0, number);
    if (sum(kept.map(({ least }) => least)) + gap.length * (number - 1) <= room) return shared(kept, room);
  }
  return short.slice(0, 1).map((column) => ({ ...column, width: Math.max(1, room) }));
}

/** How much the reason is longer than what is worth showing of it. */
function excess(columns: readonly Column[]): number {
  const reason = columns.find(({ title }) => title === 'reason');
  return reason === undefined ? 0 : Math.max(0, natural(reason) - usefulReason);
}

/** Hands out the room from the left, each column at least its least. */
function shared(columns: readonly Column[], room: number): readonly Fitted[] {
  let free = room - sum(columns.map(({ least }) => least)) - gap.length * (columns.length - 1);
  return columns.map((column) => {
    const more = Math.min(Math.max(0, free), natural(column) - column.least);
    free -= more;
    return { ...column, width: column.least + more };
  });
}

function natural({ title, cells }: Column): number {
  return Math.max(widthOf(title), ...cells.map(({ text }) => widthOf(text)));
}

type Toplevel = (path: string, host: string) => string;

function columnsOf(results: readonly HostResult[], look: Look, toplevel: Toplevel): readonly Column[] {
  const { paint, text } = look;
  const column = (
    title: string,
    most: number,
    align: 'left' | 'right',
    cellOf: (result: HostResult) => Cell,
  ): Column => {
    const cells = results.map(cellOf);
    return { title, cells, align, least: Math.min(most, natural({ title, cells, least: 0, align })) };
  };
  const columns = [
    column('host', 12, 'left', ({ host }) => ({ text: text(host), paint: paint.bold })),
    column('verdict', 13, 'left', ({ verdict }) => verdictCell(verdict, look)),
    column('time', 12, 'right', ({ seconds }) => ({ text: duration(seconds * 1000), paint: paint.dim })),
    column('runs now', 60, 'left', ({ host, running }) => systemCell(running, host, toplevel, look)),
    column('boots next', 60, 'left', (result) => bootsCell(result, toplevel, look)),
    column('reason', leastReason, 'left', (result) => ({ text: isGood(result) ? '' : text(result.reason) })),
  ];
  return columns.filter(({ title, cells }) => title !== 'reason' || cells.some((cell) => cell.text !== ''));
}

function isGood({ verdict }: HostResult): boolean {
  return verdictWords[verdict].tone === 'good';
}

function verdictCell(verdict: HostResult['verdict'], look: Look): Cell {
  const { label, tone } = verdictWords[verdict];
  return { text: `${markOf(look, tone)} ${label}`, paint: (text) => inTone(look, tone, text) };
}

function systemCell(path: string | null, host: string, toplevel: Toplevel, look: Look): Cell {
  if (path === null || path === '') return { text: 'unknown', paint: look.paint.dim };
  return { text: look.text(toplevel(path, host)) };
}

function bootsCell({ host, running, bootDefault }: HostResult, toplevel: Toplevel, look: Look): Cell {
  if (bootDefault !== null && bootDefault !== '' && bootDefault === running)
    return { text: 'the same', paint: look.paint.dim };
  const cell = systemCell(bootDefault, host, toplevel, look);
  return cell.paint === undefined ? { ...cell, paint: look.paint.yellow } : cell;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
