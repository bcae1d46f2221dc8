import type { HostResult } from '../core/event.ts';
import type { HostStatus, LastVerdict, StatusRelease } from '../core/status.ts';
import { age } from './age.ts';
import { inTone } from './dress.ts';
import type { Look } from './look.ts';
import { type Cell, type Column, columnOf, tableRows, tableWidth } from './table.ts';
import { shortToplevel, toplevelHash } from './toplevel.ts';
import { bootsCell, systemCell } from './verdict-table.ts';
import { verdictWords } from './words.ts';

/** A host that was looked at; no status where it did not answer. */
export interface SeenHost {
  readonly host: string;
  readonly status: HostStatus | null;
  readonly verdict: HostResult['verdict'];
}

/** Lists how each host stands, in rows no wider than `columns`: too narrow for all, cells become short, then columns go. */
export function statusTable(hosts: readonly SeenHost[], columns: number, look: Look): readonly string[] {
  const long = columnsOf(hosts, look, inFull);
  return tableRows(tableWidth(long) <= columns ? long : columnsOf(hosts, look, inShort), columns, look);
}

/** How things are put into a cell. */
interface Form {
  readonly toplevel: (path: string, host: string) => string;
  readonly aged: (what: string, age: string, word: 'old' | 'ago') => string;
}

const inFull: Form = { toplevel: shortToplevel, aged: (what, age, word) => `${what}, ${age} ${word}` };
const inShort: Form = { toplevel: toplevelHash, aged: (what, age) => `${what} ${age.replace(' ', '')}` };
type Answered = HostStatus & { readonly host: string };

function columnsOf(hosts: readonly SeenHost[], look: Look, form: Form): readonly Column[] {
  const { toplevel } = form;
  const { paint, text } = look;
  const column = (title: string, most: number, cellOf: (host: Answered) => Cell): Column =>
    columnOf(
      title,
      most,
      hosts.map(({ host, status }) => (status === null ? { text: '' } : cellOf({ host, ...status }))),
    );
  const runs = hosts.map(({ host, status, verdict }) =>
    status === null ? deafCell(verdict, look) : systemCell(status.running, host, toplevel, look),
  );
  const rebooted = hosts.every(({ status }) => status === null || status.booted === status.running);
  return [
    columnOf(
      'host',
      12,
      hosts.map(({ host }) => ({ text: text(host), paint: paint.bold })),
    ),
    columnOf('runs', 60, runs),
    column('boots', 60, (status) => bootsCell(status, toplevel, look)),
    ...(rebooted
      ? []
      : [
          column('booted', 60, ({ host, booted, running }) =>
            booted === running ? sameCell(look) : systemCell(booted, host, toplevel, look),
          ),
        ]),
    column('revision', 14, ({ release, now }) => releaseCell(release, now, form, look)),
    column('last verdict', 16, ({ lastVerdict, now }) => verdictCell(lastVerdict, now, form, look)),
  ];
}

function deafCell(verdict: HostResult['verdict'], look: Look): Cell {
  const { label, tone } = verdictWords[verdict];
  return { text: label, paint: (text) => inTone(look, tone, text) };
}

function sameCell(look: Look): Cell {
  return { text: 'the same', paint: look.paint.dim };
}

/** `1a2b3c4, 3 d old`; of a dirty tree the hash of its content is what names it. */
function releaseCell(release: StatusRelease | null, now: string, form: Form, look: Look): Cell {
  if (release === null) return { text: 'unknown', paint: look.paint.dim };
  const { rev, narHash, lastModified } = release;
  const pin = rev === null ? `dirty ${narHash.replace(/^sha256-/, '').slice(0, 7)}` : rev.slice(0, 7);
  return { text: look.text(form.aged(pin, age(lastModified * 1000, now), 'old')) };
}

function verdictCell(last: LastVerdict | null, now: string, form: Form, look: Look): Cell {
  if (last === null) return { text: 'none', paint: look.paint.dim };
  const { label, tone } = verdictWords[last.verdict];
  return { text: form.aged(label, age(last.at, now), 'ago'), paint: (text) => inTone(look, tone, text) };
}
