import type { HostResult } from '../core/event.ts';
import type { AgainstFlake, FleetStatus, LastVerdict, StatusRelease } from '../core/status.ts';
import { age } from './age.ts';
import { type Row, rowsOf } from './alike.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { stateOf } from './status-state.ts';
import { type Cell, type Column, columnOf, tableRows, tableWidth } from './table.ts';
import { shortToplevel, toplevelHash } from './toplevel.ts';
import { bootsCell, commonCell, hostCell, systemCell } from './verdict-table.ts';
import { verdictWords } from './words.ts';

/** A host that was looked at; no status where it did not answer. */
export interface SeenHost {
  readonly host: string;
  readonly status: FleetStatus | null;
  readonly verdict: HostResult['verdict'];
}

/**
 * Lists how each host stands, in rows no wider than `columns`: too narrow for all, cells become short, then columns go.
 * Many of which nothing is to be told, and that have the same release, are one row.
 */
export function statusTable(hosts: readonly SeenHost[], columns: number, look: Look): readonly string[] {
  const rows = rowsOf(hosts, alikeKey);
  const long = columnsOf(rows, look, inFull);
  return tableRows(tableWidth(long) <= columns ? long : columnsOf(rows, look, inShort), columns, look);
}

function alikeKey(host: SeenHost): string | null {
  const { status } = host;
  if (status === null || stateOf(host).urgency > 0) return null;
  const { release, flake, lastVerdict } = status;
  const { source = null, behind = null, ahead = null } = flake ?? {};
  return JSON.stringify([release === null ? null : pinOf(release), source, behind, ahead, lastVerdict?.verdict]);
}

/** How things are put into a cell. */
interface Form {
  readonly toplevel: (path: string, host: string) => string;
  readonly aged: (what: string, age: string, word: 'old' | 'ago') => string;
  readonly by: (who: string | null) => string;
}

const inFull: Form = {
  toplevel: shortToplevel,
  aged: (what, age, word) => `${what}, ${age} ${word}`,
  by: (who) => (who === null ? '' : ` by ${who}`),
};
const inShort: Form = {
  toplevel: toplevelHash,
  aged: (what, age) => `${what} ${age.replace(' ', '')}`,
  by: () => '',
};
type Answered = FleetStatus & { readonly host: string };

function columnsOf(rows: readonly Row<SeenHost>[], look: Look, form: Form): readonly Column[] {
  const { toplevel } = form;
  const column = (title: string, most: number, cellOf: (host: Answered) => Cell): Column =>
    columnOf(
      title,
      most,
      rows.map((row) =>
        commonCell(row, ({ host, status }) => (status === null ? { text: '' } : cellOf({ host, ...status })), look),
      ),
    );
  const answered = rows.flat().flatMap(({ status }) => status ?? []);
  const allBootIt = answered.every(({ running, bootDefault }) => running !== null && running === bootDefault);
  const runs = (title: string) => column(title, 60, ({ running, host }) => systemCell(running, host, toplevel, look));
  return [
    columnOf(
      'host',
      12,
      rows.map((row) => hostCell(row, look)),
    ),
    columnOf(
      'state',
      15,
      rows.map(([host]) => stateCell(host, look)),
    ),
    column('revision', 11, ({ release, now }) => releaseCell(release, now, form, look)),
    ...(answered.some(({ flake }) => flake !== null)
      ? [column('flake', 10, ({ flake }) => flakeCell(flake, look))]
      : []),
    column('last verdict', 15, ({ lastVerdict, now }) => verdictCell(lastVerdict, now, form, look)),
    ...(allBootIt
      ? [runs('runs, boots')]
      : [runs('runs'), column('boots', 60, (status) => bootsCell(status, toplevel, look))]),
  ];
}

function stateCell(host: SeenHost, look: Look): Cell {
  const { label, tone } = stateOf(host);
  const mark = tone === 'active' ? look.marks.active : markOf(look, tone);
  const paint = (text: string): string => (tone === 'active' ? look.paint.cyan(text) : inTone(look, tone, text));
  return { text: look.text(`${mark} ${label}`), paint };
}

/** `1a2b3c4, 3 d old`; of a dirty tree the hash of its content is what names it. */
function releaseCell(release: StatusRelease | null, now: string, form: Form, look: Look): Cell {
  if (release === null) return { text: 'unknown', paint: look.paint.dim };
  return { text: look.text(form.aged(pinOf(release), age(release.lastModified * 1000, now), 'old')) };
}

/** Names a release in a word or two. */
export function pinOf({ rev, narHash }: Pick<StatusRelease, 'rev' | 'narHash'>): string {
  return rev === null ? `dirty ${narHash.replace(/^sha256-/, '').slice(0, 7)}` : rev.slice(0, 7);
}

function flakeCell(flake: AgainstFlake | null, look: Look): Cell {
  const { paint } = look;
  if (flake === null || flake.source === 'unknown') return { text: 'unknown', paint: paint.dim };
  if (flake.source === 'same') return { text: 'the same', paint: paint.dim };
  const { behind, ahead } = flake;
  if (behind === null || ahead === null) return { text: 'another' };
  // The tree is dirty here, or was there.
  if (behind === 0 && ahead === 0) return { text: 'same rev' };
  if (ahead === 0) return { text: `${behind} behind` };
  return { text: behind === 0 ? `${ahead} ahead` : 'diverged', paint: paint.yellow };
}

function verdictCell(last: LastVerdict | null, now: string, form: Form, look: Look): Cell {
  if (last === null) return { text: 'none', paint: look.paint.dim };
  const { label, tone } = verdictWords[last.verdict];
  const text = look.text(`${form.aged(label, age(last.at, now), 'ago')}${form.by(last.by)}`);
  return { text, paint: (shown) => inTone(look, tone, shown) };
}
