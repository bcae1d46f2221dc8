import type { HostResult } from '../core/event.ts';
import { count, duration } from '../core/explain/quantity.ts';
import { type Row, rowsOf } from './alike.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { type Cell, type Column, columnOf, naturalWidth, tableRows, tableWidth } from './table.ts';
import { shortToplevel, toplevelHash } from './toplevel.ts';
import { verdictWords } from './words.ts';

/**
 * Lists how each host ended, in rows no wider than `columns`: too narrow for all, toplevels become hashes, then columns go.
 * Many that ended well and alike are one row.
 */
export function verdictTable(results: readonly HostResult[], columns: number, look: Look): readonly string[] {
  const rows = rowsOf(results, alikeKey);
  const long = columnsOf(rows, look, shortToplevel);
  const fits = tableWidth(long) - excess(long) <= columns;
  return tableRows(fits ? long : columnsOf(rows, look, toplevelHash), columns, look);
}

/** What a host has in common with others of its row; a host that needs eyes has one for itself. */
function alikeKey({ host, verdict, running, bootDefault, reason }: HostResult): string | null {
  if (verdictWords[verdict].tone === 'quiet') return `${verdict} ${reason.replaceAll(host, '')}`;
  // A host that boots something else than it runs is news, unless that was the goal.
  const isExpected = ['tested', 'staged'].includes(verdict) || (running !== null && running === bootDefault);
  return isExpected && verdictWords[verdict].tone === 'good' ? verdict : null;
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

function columnsOf(rows: readonly Row<HostResult>[], look: Look, toplevel: Toplevel): readonly Column[] {
  const { paint, text } = look;
  const column = (title: string, most: number, cellOf: (result: HostResult) => Cell): Column =>
    columnOf(
      title,
      most,
      rows.map((row) => commonCell(row, cellOf, look)),
    );
  const times = rows.map((row) => {
    const longest = duration(Math.max(...row.map(({ seconds }) => seconds)) * 1000);
    return { text: longest, paint: paint.dim };
  });
  const columns = [
    columnOf(
      'host',
      12,
      rows.map((row) => hostCell(row, look)),
    ),
    column('verdict', 13, ({ verdict }) => verdictCell(verdict, look)),
    columnOf('time', 12, times, 'right'),
    column('runs now', 60, ({ host, running }) => systemCell(running, host, toplevel, look)),
    column('boots next', 60, (result) => bootsCell(result, toplevel, look)),
    column('reason', leastReason, (result) => ({ text: isGood(result) ? '' : text(result.reason) })),
  ];
  return columns.filter(({ title, cells }) => title !== 'reason' || cells.some((cell) => cell.text !== ''));
}

/** Names the host of a row, or counts its hosts. */
export function hostCell(row: Row<{ readonly host: string }>, { text, paint }: Look): Cell {
  return { text: row.length > 1 ? count(row.length, 'host') : text(row[0].host), paint: paint.bold };
}

/** Gives what all hosts of a row have in a column. */
export function commonCell<Host>(row: Row<Host>, cellOf: (host: Host) => Cell, { paint }: Look): Cell {
  const cell = cellOf(row[0]);
  return row.every((host) => cellOf(host).text === cell.text) ? cell : { text: 'each its own', paint: paint.dim };
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
