import type { HostResult } from '../core/event.ts';
import { count, duration } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import { isWell } from '../core/verdict.ts';
import type { HostState } from './board.ts';
import { inTone } from './dress.ts';
import type { Look } from './look.ts';
import { type ParagraphOptions, paragraphs } from './paragraphs.ts';
import { type CommandTo, statusLines } from './status-lines.ts';
import { statusTable } from './status-table.ts';
import { verdictTable } from './verdict-table.ts';
import { wrapped } from './width.ts';
import { countedVerdicts, doing, urgencyOf, verdictWords } from './words.ts';

export interface SummaryOptions extends ParagraphOptions {
  /** Gives the exact command for these hosts. */
  readonly retryCommand: (hosts: readonly string[]) => string;
  /** Gives the command of another verb for these hosts. */
  readonly commandTo: CommandTo;
  readonly now: number;
  /** Where all logs of the run are, if they are kept. */
  readonly logPath: string | null;
}

/** The end of a run: the table, a paragraph for each host that did not make it, and the one line that says how to go on. */
export function summary(options: SummaryOptions): readonly string[] {
  const { board, columns, look } = options;
  if (board.started() === null) return [];
  const hosts = board.hosts();
  const results = hosts.flatMap(({ stage }) => (stage.kind === 'ended' ? [stage.result] : []));
  return [
    ...(results.length > 0 ? tables(results, options) : []),
    ...paragraphs(results, options),
    ...unfinished(hosts, columns, look),
    '',
    ...(options.logPath === null ? [] : [`all logs: ${look.command(options.logPath)}`]),
    ...closing(hosts, results, options),
  ];
}

function tables(results: readonly HostResult[], options: SummaryOptions): readonly string[] {
  const { board, columns, look } = options;
  if (board.started()?.verb !== 'status') return verdictTable(results.toSorted(byUrgency), columns, look);
  const hosts = results.map(({ host, verdict }) => ({ host, verdict, status: board.host(host)?.status ?? null }));
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

function closing(
  hosts: readonly HostState[],
  results: readonly HostResult[],
  options: SummaryOptions,
): readonly string[] {
  const { board, look } = options;
  const behind = hosts.filter(isBehind).map(({ name }) => name);
  const started = Date.parse(board.started()?.at ?? '');
  const time = duration((Date.parse(board.ended()?.at ?? '') || options.now) - started);
  if (behind.length === 0) return [look.paint.green.bold(`${numbers(results)} in ${time}`)];
  const made = hosts.length - behind.length;
  const verb = board.started()?.verb;
  const words = verb === 'check' ? 'healthy' : verb === 'status' ? 'answered' : 'made it';
  const total = `${made === 0 ? 'none' : made} of ${count(hosts.length, 'host')} ${words} in ${time}`;
  const line = `${look.paint.bold(total)}${alarms(results, look)}`;
  // What has ended does not end otherwise when it is joined once more.
  if (verb === 'attach' && results.every(({ verdict }) => verdict !== 'unreachable')) return [line];
  const others = behind.length === 1 ? 'other' : 'others';
  return [`${line}; ${made === 0 ? 'again:' : `for the ${others} again:`}`, look.command(options.retryCommand(behind))];
}

/** Whatever scrolled away: the end of the text says that there are hosts to look at. */
function alarms(results: readonly HostResult[], look: Look): string {
  return (['in-doubt', 'rolled-back'] as const)
    .map((verdict) => ({ verdict, number: results.filter((result) => result.verdict === verdict).length }))
    .filter(({ number }) => number > 0)
    .map(
      ({ verdict, number }) =>
        `, ${inTone(look, verdictWords[verdict].tone, `${number} ${verdictWords[verdict].label}`)}`,
    )
    .join('');
}

function isBehind({ stage }: HostState): boolean {
  return stage.kind !== 'ended' || !isWell(stage.result.verdict) || stage.result.verdict === 'skipped';
}

/** `2 hosts promoted, 1 unchanged` */
function numbers(results: readonly HostResult[]): string {
  const parts = countedVerdicts.flatMap((verdict) => {
    const number = results.filter((result) => result.verdict === verdict).length;
    return number > 0 ? [{ number, label: verdictWords[verdict].label }] : [];
  });
  return parts.map(({ number, label }, index) => `${index === 0 ? count(number, 'host') : number} ${label}`).join(', ');
}
