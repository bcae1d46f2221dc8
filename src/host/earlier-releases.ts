import type { DeployedBefore, HostFacts } from '../core/facts.ts';
import { type HistoryBegun, type HistoryEntry, readHistory } from './history.ts';

/** What observe.sh gave of the history: lines of it. */
export interface HistoryLines {
  /** The beginning of what brought the system that runs. */
  readonly brought: readonly string[];
  /** The beginning of the last deployment of whoever looks. */
  readonly ours: readonly string[];
  /** Its end. */
  readonly history: readonly string[];
}

/** Reads where what runs came from, and what others have deployed since the last deployment of whoever looks. */
export function earlierReleases(lines: HistoryLines): Pick<HostFacts, 'broughtBy' | 'byOthers'> {
  const history = readHistory(lines.history);
  const [brought] = readHistory(lines.brought).flatMap(asBegun);
  const [ours] = readHistory(lines.ours).flatMap(asBegun);
  const begun = history.flatMap(asBegun);
  const at = begun.findIndex(({ id }) => id === ours?.id);
  const since = begun.slice(at + 1);
  // The promotion behind a trial boot is of the same deployment.
  const others = since.filter(({ id }) => !since.some((other) => other.id === `${id}-boot`));
  return {
    ...(brought !== undefined && { broughtBy: deployed(brought, history) }),
    ...(ours !== undefined && {
      byOthers: {
        sinceOurs: ours.at,
        deployments: others.map((one) => deployed(one, history)),
        reach: at < 0 ? 'last' : 'all',
      },
    }),
  };
}

function asBegun(entry: HistoryEntry): readonly HistoryBegun[] {
  return entry.event === 'begun' ? [entry] : [];
}

function deployed({ id, at, by, release }: HistoryBegun, history: readonly HistoryEntry[]): DeployedBefore {
  const { configuration: _, ...rest } = release;
  const end = history.findLast((entry) => entry.event === 'ended' && entry.id === id);
  return { id, at, by, ...rest, ...(end?.event === 'ended' && { verdict: end.verdict }) };
}
