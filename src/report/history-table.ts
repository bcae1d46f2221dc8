import { count, duration } from '../core/explain/quantity.ts';
import type { PastDeployment } from '../core/past-deployment.ts';
import { age } from './age.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { pinOf } from './status-table.ts';
import { type Cell, type Column, columnOf, tableRows, tableWidth } from './table.ts';
import { toplevelHash } from './toplevel.ts';
import { wrapped } from './width.ts';
import { verdictWords } from './words.ts';

/** What was read of a host's history. */
export interface ReadHistory {
  readonly host: string;
  readonly deployments: readonly PastDeployment[];
  /** By the host's clock. */
  readonly now: string;
}

/** Lists the deployments of each host, in rows no wider than `columns`; below each is told what its row has no room for. */
export function historyTables(hosts: readonly ReadHistory[], columns: number, look: Look): readonly string[] {
  return hosts.flatMap((host, index) => [...(index === 0 ? [] : ['']), ...historyTable(host, columns, look)]);
}

function historyTable(read: ReadHistory, columns: number, look: Look): readonly string[] {
  const { host, deployments } = read;
  const number = deployments.length === 0 ? 'no deployment' : count(deployments.length, 'deployment');
  const title = `${look.paint.bold(look.text(host))}: ${number}`;
  if (deployments.length === 0) return [title];
  const all = columnsOf(read, look);
  // The name of a deployment says when as well.
  const some = tableWidth(all) <= columns ? all : all.filter(({ title }) => title !== 'ago');
  const [head = '', ...rows] = tableRows(some, columns, look);
  return [
    title,
    head,
    ...rows.flatMap((row, index) => {
      const deployment = deployments[index];
      const below = deployment === undefined ? [] : belowOf(deployment, host);
      return [row, ...below.flatMap((words) => wrapped(look.text(words), columns - 4).map((line) => `    ${line}`))];
    }),
  ];
}

function columnsOf({ deployments, now }: ReadHistory, look: Look): readonly Column[] {
  const { paint, text } = look;
  const column = (title: string, most: number, cellOf: (one: PastDeployment) => Cell): Column =>
    columnOf(title, most, deployments.map(cellOf));
  return [
    column('deployment', 21, ({ deployment }) => ({ text: text(deployment) })),
    column('ago', 6, ({ begun }) => ({ text: text(age(begun, now)) })),
    column('verdict', 13, (one) => verdictCell(one, look)),
    column('revision', 7, ({ release }) =>
      release === null ? { text: 'unknown', paint: paint.dim } : { text: text(pinOf(release)) },
    ),
    column('by', 7, ({ by }) => ({ text: text(by) })),
    column('from, to', 60, ({ from, to }) => {
      const hashes = from === to ? [to] : [from, to];
      return { text: text(hashes.map(toplevelHash).join(' → ')) };
    }),
    column('took', 12, ({ seconds }) => ({ text: seconds === null ? '' : duration(seconds * 1000), paint: paint.dim })),
    column('generation', 12, ({ generation }) => ({ text: generation === null ? '' : String(generation) })),
  ];
}

function verdictCell({ verdict, open }: PastDeployment, look: Look): Cell {
  const { label, tone } =
    verdict === null
      ? ({ label: open === 'cut-off' ? 'cut off' : 'not ended', tone: 'warned' } as const)
      : verdictWords[verdict];
  return { text: `${markOf(look, tone)} ${label}`, paint: (shown) => inTone(look, tone, shown) };
}

function belowOf({ reason, code, takenBackBy, open, release }: PastDeployment, host: string): readonly string[] {
  const configuration = release?.configuration ?? '';
  return [
    ...(reason === null && code === null ? [] : [reason ?? `because: ${code}`]),
    ...(open === 'cut-off' ? ['a reboot cut it off; the next deployment judges it by what the host then is'] : []),
    ...(takenBackBy === null ? [] : [`taken back by ${takenBackBy}`]),
    ...(configuration === '' || configuration === host ? [] : [`of the configuration ${configuration}`]),
  ];
}
