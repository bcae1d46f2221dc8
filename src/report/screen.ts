import type { Board, HostState } from './board.ts';
import { columnsFor, hostRow } from './host-row.ts';
import type { Look } from './look.ts';
import { rowOf } from './row.ts';
import { summaryRow, tallied } from './summary-row.ts';
import { pauseRow } from './wave-lines.ts';
import { widthOf } from './width.ts';
import { verdictWords } from './words.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Draws the live area: a summary, then the hosts that need eyes most. Never more rows, or wider ones, than the size has. */
export function screen(board: Board, now: number, size: Size, look: Look): readonly string[] {
  const hosts = board.hosts();
  const rows = Math.max(1, size.rows);
  const summary = summaryRow(board, now, size.columns, look);
  if (rows < 3) return [summary];
  const waves = board.waves();
  const pause = waves === null ? null : pauseRow(waves, now, look);
  const top = [
    summary,
    ...(pause === null ? [] : [rowOf([{ text: `  ${pause}` }], size.columns, look.marks.ellipsis)]),
  ];
  const shown = chosen(hosts, rows - top.length);
  const columns = columnsFor(hosts, size.columns, look);
  const hidden = hosts.filter((host) => !shown.includes(host));
  return [
    ...top,
    ...shown.map((host) => hostRow(host, now, columns, look)),
    ...(hidden.length > 0 ? [moreRow(hidden, size.columns, look)] : []),
  ];
}

/** What needs eyes comes first; but the active keep at least half of the room, since they are what is happening. */
function chosen(hosts: readonly HostState[], room: number): readonly HostState[] {
  const failingFirst = hosts.filter(isFailing).sort((a, b) => urgency(a) - urgency(b));
  const groups = [failingFirst, hosts.filter(isActive), hosts.filter(isWell), hosts.filter(isIdle)] as const;
  if (hosts.length <= room) return groups.flat();
  const [failing, active, well, idle] = groups;
  const left = room - 1;
  const forFailing = Math.min(failing.length, Math.max(Math.ceil(left / 2), left - active.length));
  return [...failing.slice(0, forFailing), ...[...active, ...well, ...idle].slice(0, left - forFailing)];
}

function urgency({ stage }: HostState): number {
  return stage.kind === 'ended' ? ['alarm', 'warned', 'bad'].indexOf(verdictWords[stage.result.verdict].tone) : 1.5;
}

function isFailing({ stage, outOfReach }: HostState): boolean {
  if (stage.kind === 'ended') return !['good', 'quiet'].includes(verdictWords[stage.result.verdict].tone);
  return stage.kind === 'broken' || (stage.kind === 'active' && outOfReach !== null);
}

function isActive({ stage, outOfReach }: HostState): boolean {
  return stage.kind === 'active' && outOfReach === null;
}

function isWell(host: HostState): boolean {
  return host.stage.kind === 'ended' && !isFailing(host);
}

function isIdle({ stage }: HostState): boolean {
  return stage.kind === 'waiting' || stage.kind === 'between';
}

function moreRow(hidden: readonly HostState[], columns: number, look: Look): string {
  const head = `  and ${hidden.length} more: `;
  const pieces = [{ text: head, paint: look.paint.dim }, ...tallied(hidden, columns - widthOf(head), look)];
  return rowOf(pieces, columns, look.marks.ellipsis);
}
