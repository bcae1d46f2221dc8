import type { HostResult } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { type Cell, type Column, columnOf, naturalWidth, tableRows, tableWidth } from './table.ts';
import { shortToplevel, toplevelHash } from './toplevel.ts';
import { verdictWords } from './words.ts';

/** Lists how each host ended, in rows no wider than `columns`: too narrow for all, toplevels become hashes, then columns go. */
export function verdictTable(results: readonly HostResult[], columns: number, look: Look): readonly string[] {
  const long = columnsOf(results, look, shortToplevel);
  const fits = tableWidth(long) - excess(long) <= columns;
  return tableRows(fits ? long : columnsOf(results, look, toplevelHash), columns, look);
}

/** For so much of a reason it is worth it to shorten the toplevels; with less than the second, reasons are left to the text below. */
const usefulReason = 24;
const leastReason = 16;

/** How much the reason is longer than what is worth showing of it. */
function excess(columns: readonly Column[]): number {
  const reason = columns.find(({ title }) => title === 'reason');
  return reason === undefined ? 0 : Math.max(0, naturalWidth(reason) - usefulReason);
}

type Toplevel = (path: string, host: string) => string;

function columnsOf(results: readonly HostResult[], look: Look, toplevel: Toplevel): readonly Column[] {
  const { paint, text } = look;
  const column = (title: string, most: number, cellOf: (result: HostResult) => Cell, align?: Column['align']): Column =>
    columnOf(title, most, results.map(cellOf), align);
  const columns = [
    column('host', 12, ({ host }) => ({ text: text(host), paint: paint.bold })),
    column('verdict', 13, ({ verdict }) => verdictCell(verdict, look)),
    column('time', 12, ({ seconds }) => ({ text: duration(seconds * 1000), paint: paint.dim }), 'right'),
    column('runs now', 60, ({ host, running }) => systemCell(running, host, toplevel, look)),
    column('boots next', 60, (result) => bootsCell(result, toplevel, look)),
    column('reason', leastReason, (result) => ({ text: isGood(result) ? '' : text(result.reason) })),
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

/** A toplevel, as short as it was asked for. */
export function systemCell(path: string | null, host: string, toplevel: Toplevel, look: Look): Cell {
  if (path === null || path === '') return { text: 'unknown', paint: look.paint.dim };
  return { text: look.text(toplevel(path, host)) };
}

/** What a host boots next: the news is where that is not what it runs. */
export function bootsCell(
  {
    host,
    running,
    bootDefault,
  }: { readonly host: string; readonly running: string | null; readonly bootDefault: string | null },
  toplevel: Toplevel,
  look: Look,
): Cell {
  if (bootDefault !== null && bootDefault !== '' && bootDefault === running)
    return { text: 'the same', paint: look.paint.dim };
  const cell = systemCell(bootDefault, host, toplevel, look);
  return cell.paint === undefined ? { ...cell, paint: look.paint.yellow } : cell;
}
