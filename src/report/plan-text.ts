import type { HostResult } from '../core/event.ts';
import type { HostState, Planned } from './board.ts';
import { inTone } from './dress.ts';
import { forecastRows, labelled, wouldBe } from './forecast-rows.ts';
import type { Look } from './look.ts';
import { type ParagraphOptions, paragraphs } from './paragraphs.ts';
import { orderRows } from './wave-lines.ts';
import { cut, wrapped } from './width.ts';

/**
 * Tells what would be done to each host: a line for all that stay as they are, a paragraph for hosts of which the same is
 * true, and then those that did not come so far, with the reason.
 */
export function planText(options: ParagraphOptions): readonly string[] {
  const { board, columns, look } = options;
  const planned = board.hosts().flatMap((host) => (host.plan === null || isStopped(host) ? [] : [host.plan]));
  const unchanged = planned.filter(({ verdict }) => verdict === 'unchanged').map(({ host }) => host);
  const changed = planned.filter(({ verdict }) => verdict !== 'unchanged');
  return [
    ...(unchanged.length === 0 ? [] : ['', unchangedLine(unchanged, columns, look)]),
    ...grouped(changed, columns, look).flatMap((group) => ['', ...paragraph(group, columns, look)]),
    ...paragraphs(board.hosts().flatMap(stoppedAs), options),
    ...order(options),
  ];
}

/** In which order hosts would start, where not all start at once. */
function order({ board, columns, look }: ParagraphOptions): readonly string[] {
  const started = board.started();
  const rows = started === null ? [] : orderRows(started);
  if (rows.length === 0) return [];
  const title = started?.waves === undefined ? 'in this order' : `in ${started.waves.length} waves`;
  return [
    '',
    look.paint.bold(`${look.marks.arrow} ${title}`),
    ...labelled(rows, columns - indent.length, look).map((row) => indent + row),
  ];
}

/** Hosts that would be changed, in the order of the run. */
export function wouldChange(hosts: readonly HostState[]): readonly string[] {
  const changing = ['promoted', 'tested', 'staged'];
  return hosts.flatMap((host) =>
    host.plan !== null && !isStopped(host) && changing.includes(host.plan.verdict) ? [host.name] : [],
  );
}

function isStopped(host: HostState): boolean {
  return stoppedAs(host).length > 0;
}

function stoppedAs({ stage }: HostState): readonly HostResult[] {
  if (stage.kind !== 'ended' || ['previewed', 'unchanged', 'built'].includes(stage.result.verdict)) return [];
  return [stage.result];
}

function unchangedLine(hosts: readonly string[], columns: number, look: Look): string {
  const { marks, text } = look;
  const [only = '', ...others] = hosts;
  const names = hosts.map(text).join(', ');
  const words =
    others.length === 0
      ? `${text(only)} unchanged: runs and boots it already`
      : `${hosts.length} hosts unchanged: ${names}`;
  return inTone(look, 'good', cut(`${marks.good} ${words}`, columns, marks.ellipsis));
}

interface Group {
  readonly hosts: readonly string[];
  readonly head: string;
  readonly rows: readonly string[];
}

const indent = '  ';

/** What is shown of a host, but for its name, is what it has in common with others. */
function grouped(plans: readonly Planned[], columns: number, look: Look): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const plan of plans) {
    const rows = forecastRows(plan, columns - indent.length, look);
    const head = wouldBe(plan);
    const key = [head, ...rows].join('\n').replaceAll(look.text(plan.host), '\0');
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined ? { hosts: [plan.host], head, rows } : { ...known, hosts: [...known.hosts, plan.host] },
    );
  }
  return [...groups.values()].toSorted((a, b) => b.hosts.length - a.hosts.length);
}

const mostNames = 60;

function paragraph({ hosts, head, rows }: Group, columns: number, look: Look): readonly string[] {
  const { paint, marks, text } = look;
  const [only = '', ...others] = hosts;
  const who = others.length === 0 ? text(only) : `${hosts.length} hosts`;
  const left = hosts.length - mostNames;
  const names = hosts.slice(0, mostNames).map(text).join(', ') + (left > 0 ? ` and ${left} more` : '');
  return [
    ...wrapped(`${marks.arrow} ${who} ${head}`, columns).map((line) => paint.bold(line)),
    ...(others.length === 0 ? [] : wrapped(names, columns - indent.length).map((line) => indent + line)),
    ...rows.map((row) => indent + row),
  ];
}
