import type { DeployedBefore, HostFacts, RecordedEvaluation } from '../core/facts.ts';
import { type HistoryBegun, type HistoryEnded, type HistoryEntry, readHistory } from './history.ts';

/** What observe.sh gave of the history: lines of it. */
export interface HistoryLines {
  /** The beginning of what brought the system that runs. */
  readonly brought: readonly string[];
  /** The beginning of the last deployment of whoever looks. */
  readonly ours: readonly string[];
  /** Its end. */
  readonly history: readonly string[];
  /** The toplevel that runs, where it is valid in the store and nothing of an earlier deployment is left to be closed. */
  readonly whole?: string | undefined;
}

/** Reads where what runs came from, and what others have deployed since the last deployment of whoever looks. */
export function earlierReleases(lines: HistoryLines): Pick<HostFacts, 'broughtBy' | 'byOthers' | 'evaluatedFrom'> {
  const history = readHistory(lines.history);
  const [brought] = readHistory(lines.brought).flatMap(asBegun);
  const [ours] = readHistory(lines.ours).flatMap(asBegun);
  const begun = history.flatMap(asBegun);
  const at = begun.findIndex(({ id }) => id === ours?.id);
  const since = begun.slice(at + 1);
  // The promotion behind a trial boot is of the same deployment.
  const others = since.filter(({ id }) => !since.some((other) => other.id === `${id}-boot`));
  const evaluatedFrom = evaluationOf(brought, history, lines.whole);
  return {
    ...(evaluatedFrom !== undefined && { evaluatedFrom }),
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

/** Gives how the toplevel that runs was evaluated, where that was promoted as it is and every later deployment has its end. */
function evaluationOf(
  brought: HistoryBegun | undefined,
  history: readonly HistoryEntry[],
  running: string | undefined,
): RecordedEvaluation | undefined {
  if (brought?.evaluation === undefined || brought.new !== running || brought.runs !== running) return undefined;
  const verdictOf = (id: string) => endOf(id, history)?.verdict ?? 'in-doubt';
  const isOpen = history.flatMap(asBegun).some(({ id }) => verdictOf(id) === 'in-doubt');
  if (isOpen || verdictOf(brought.id) !== 'promoted') return undefined;
  return { ...brought.release, evaluation: brought.evaluation };
}

function asBegun(entry: HistoryEntry): readonly HistoryBegun[] {
  return entry.event === 'begun' ? [entry] : [];
}

function deployed({ id, at, by, release }: HistoryBegun, history: readonly HistoryEntry[]): DeployedBefore {
  const { configuration: _, ...rest } = release;
  const end = endOf(id, history);
  return { id, at, by, ...rest, ...(end !== undefined && { verdict: end.verdict }) };
}

function endOf(id: string, history: readonly HistoryEntry[]): HistoryEnded | undefined {
  return history.flatMap((entry) => (entry.event === 'ended' && entry.id === id ? [entry] : [])).at(-1);
}
