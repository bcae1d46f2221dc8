import { phases } from '../../src/core/phase.ts';
import { flurryContender } from './contenders.ts';
import { figure, median, table } from './figures.ts';
import { type Measured, situations } from './rounds.ts';

/** One table for each situation and number of hosts. */
export function summaryTables(results: readonly Measured[]): string {
  const keyOf = ({ situation, hosts }: Measured): string => `${situation} ${hosts}`;
  const keys = [...new Set(results.map(keyOf))];
  return keys.map((key) => summaryTable(results.filter((one) => keyOf(one) === key))).join('\n\n');
}

function summaryTable(group: readonly Measured[]): string {
  const [first] = group;
  const says = situations.find(({ name }) => name === first?.situation)?.says ?? '';
  const own = median(group.find(({ contender }) => contender === flurryContender.name)?.seconds ?? []);
  const head = [`${says}, ${first?.hosts} hosts`, 'median s', 'least', 'most', 'flurry is ×', 'CPU s here'];
  const rows = group.map(({ contender, seconds, cpuSeconds, failures }) => [
    failures.length === 0 ? contender : `${contender} (${failures.length} failed: ${failures[0]?.slice(0, 200)})`,
    figure(median(seconds)),
    figure(Math.min(...seconds)),
    figure(Math.max(...seconds)),
    figure(own / median(seconds)),
    figure(median(cpuSeconds)),
  ]);
  return table(head, rows);
}

/** Where flurry's time goes: a host's median of each phase, in milliseconds. */
export function phaseTable(results: readonly Measured[]): string {
  const own = results.filter(({ contender }) => contender === flurryContender.name);
  const seen = phases.filter((phase) => own.some((one) => one.phases?.[phase] !== undefined));
  const rows = own.map(({ situation, hosts, phases: spans = {} }) => [
    `${situation}, ${hosts} hosts`,
    ...seen.map((phase) => figure(spans[phase], 0)),
  ]);
  return table(['flurry, ms of a host', ...seen], rows);
}
