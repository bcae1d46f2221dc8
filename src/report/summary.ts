import type { HostResult } from '../core/event.ts';
import { count } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import type { HostState } from './board.ts';
import { closing } from './closing.ts';
import { inTone } from './dress.ts';
import { historyTables } from './history-table.ts';
import type { Look } from './look.ts';
import { paragraphs } from './paragraphs.ts';
import { type PlanSummaryOptions, planSummary } from './plan-summary.ts';
import { statusLines } from './status-lines.ts';
import { stateOf } from './status-state.ts';
import { statusTable } from './status-table.ts';
import { verdictTable } from './verdict-table.ts';
import { wrapped } from './width.ts';
import { doing, isTrouble, urgencyOf } from './words.ts';

export interface SummaryOptions extends PlanSummaryOptions {
  /** Where all logs of the run are, if they are kept. */
  readonly logPath: string | null;
}

/** The end of a run: the table, a paragraph for each host that did not make it, and the one line that says how to go on. */
export function summary(options: SummaryOptions): readonly string[] {
  const { board, columns, look } = options;
  if (board.started() === null) return [];
  const hosts = board.hosts();
  const results = hosts.flatMap(({ stage }) => (stage.kind === 'ended' ? [stage.result] : []));
  const logs = options.logPath === null ? [] : [`all logs: ${look.command(options.logPath)}`];
  if (board.started()?.verb === 'plan') {
    return [...unfinished(hosts, columns, look), ...planSummary(options), ...logs];
  }
  return [
    ...(results.length > 0 ? tables(results, options) : []),
    ...paragraphs(results, options),
    ...unfinished(hosts, columns, look),
    '',
    ...logs,
    ...closing(results, options),
  ];
}

function tables(results: readonly HostResult[], options: SummaryOptions): readonly string[] {
  const { board, columns, look } = options;
  const verb = board.started()?.verb;
  if (verb === 'history') {
    return historyTables(
      results.flatMap(({ host }) => board.host(host)?.history ?? []),
      columns,
      look,
    );
  }
  const [only, ...others] = board.hosts().length > 1 ? [] : results;
  // Its paragraph says the same, and the reason whole.
  if (only !== undefined && others.length === 0 && isTrouble(only.verdict) && verb !== 'status') return [];
  if (verb !== 'status') return verdictTable(results.toSorted(byUrgency), columns, look);
  const hosts = results
    .map(({ host, verdict }) => ({ host, verdict, status: board.host(host)?.status ?? null }))
    .toSorted((a, b) => stateOf(a).urgency - stateOf(b).urgency);
  const answered = hosts.flatMap(({ host, status }) => (status === null ? [] : [{ host, status }]));
  return [...statusTable(hosts, columns, look), ...statusLines(answered, options)];
}

/** In the order of the run, but the worst at the end: of a long table that is what is on the screen. */
function byUrgency(a: HostResult, b: HostResult): number {
  return urgencyOf(a.verdict) - urgencyOf(b.verdict);
}

/** A run that was left before its end must not look like one that went well. */
function unfinished(hosts: readonly HostState[], columns: number, look: Look): readonly string[] {
  const open = hosts.filter(({ stage }) => stage.kind !== 'ended');
  if (open.length === 0) return [];
  const prose = (words: string) => wrapped(words, columns - 2).map((line) => `  ${line}`);
  const title = `${look.marks.alarm} LEFT BEFORE ITS END: ${count(open.length, 'host')} without a verdict`;
  return [
    '',
    look.paint.bold(inTone(look, 'alarm', title)),
    ...prose(`last seen: ${open.map((host) => `${look.text(host.name)} (${lastSeen(host)})`).join(', ')}`),
    ...(open.some(mayBeChanged)
      ? prose('a host that has begun to test decides alone: unless it was confirmed, it puts itself back')
      : prose('their systems were not changed')),
  ];
}

const activating: readonly Phase[] = ['test', 'verify', 'promote', 'reboot', 'rollback'];

function mayBeChanged({ stage }: HostState): boolean {
  return 'phase' in stage && stage.phase !== null && activating.includes(stage.phase);
}

function lastSeen({ stage }: HostState): string {
  switch (stage.kind) {
    case 'active':
      return doing[stage.phase];
    case 'broken':
      return `${stage.phase} failed`;
    case 'between':
      return `after ${stage.phase}`;
    case 'waiting':
    case 'ended':
      return 'not started';
  }
}
