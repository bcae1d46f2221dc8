import type { PastDeployment } from '../core/past-deployment.ts';
import type { Session } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { ask } from './ask.ts';
import { readGenerations } from './earlier-systems.ts';
import { type Fields, readFields } from './fields.ts';
import { type HistoryBegun, type HistoryEntry, readHistory, replacedBy } from './history.ts';
import { lookAsRoot } from './look.ts';
import { scripts } from './scripts.ts';
import type { TransactionEnd } from './transaction.ts';

/** One of a host's deployments, its end as the host wrote it down. */
export interface RecordedDeployment extends Omit<PastDeployment, 'reason'> {
  /** Absent where no end is written down. */
  readonly end?: TransactionEnd;
}

export interface PastDeployments {
  /** The newest first. */
  readonly deployments: readonly RecordedDeployment[];
  /** By the host's clock. */
  readonly now: string;
  /** Why the history could not be read; absent where it could, or there is none. */
  readonly unreadable?: Problem<'no-privilege'>;
}

const name = 'the history of the host';

/** Asks for the last deployments of a host, and changes nothing. Throws as `ask`. */
export async function askPastDeployments(
  session: Session,
  { timeoutMs, last }: { readonly timeoutMs: number; readonly last: number },
  signal: AbortSignal,
): Promise<PastDeployments> {
  // Of each there are at most three lines, and the ends of some stand behind the beginnings of others.
  const words = [String(3 * last + 20), session.elevation];
  const { answer, noPrivilege } = await lookAsRoot(session, name, (shell) =>
    ask(session, { name, script: scripts.pastDeployments, arguments: words, shell, timeoutMs }, signal),
  );
  const fields = readFields(name, answer);
  const isUnreadable = noPrivilege !== undefined && fields.optional('unreadable') !== undefined;
  return { ...readPastDeployments(fields, last), ...(isUnreadable && { unreadable: noPrivilege }) };
}

/** Reads what past-deployments.sh printed. Throws bad-answer. */
export function readPastDeployments(fields: Fields, last: number): Omit<PastDeployments, 'unreadable'> {
  const history = readHistory(fields.all('history'));
  const generations = readGenerations(fields);
  const bootId = fields.text('boot-id');
  const all = history.flatMap((entry) => (entry.event === 'begun' ? [recorded(entry, history, bootId)] : []));
  const deployments = all.slice(-last).map((one): RecordedDeployment => {
    const generation = generations.findLast(({ toplevel }) => toplevel === one.to)?.number ?? null;
    return { ...one, generation, takenBackBy: takenBackBy(one, all) };
  });
  return { deployments: deployments.toReversed(), now: fields.text('now') };
}

type Recorded = Omit<RecordedDeployment, 'generation' | 'takenBackBy'>;

function recorded(begun: HistoryBegun, history: readonly HistoryEntry[], bootId: string): Recorded {
  const { id, at, by, goal, release } = begun;
  const ended = history.findLast((entry) => entry.event === 'ended' && entry.id === id);
  const { rev = null, ...source } = release;
  const known = {
    deployment: id,
    begun: at,
    by,
    goal,
    release: rev === null && source.narHash === '' ? null : { ...source, rev },
    from: replacedBy(begun),
    to: begun.new,
  };
  if (ended?.event !== 'ended') {
    const open = begun.boot === bootId ? 'in-this-boot' : 'cut-off';
    return { ...known, verdict: null, open, ended: null, code: null, seconds: null };
  }
  const { verdict, seconds } = ended;
  const fields = readFields(name, ended.facts.join('\n'));
  const code = fields.optional('code') ?? null;
  const end = { verdict, fields };
  return { ...known, verdict, open: null, ended: ended.at, code, seconds: seconds || null, end };
}

/** The next one that was promoted, if it went the same way back. */
function takenBackBy({ verdict, deployment, from, to }: Recorded, all: readonly Recorded[]): string | null {
  if (verdict !== 'promoted') return null;
  const later = all.slice(all.findIndex((one) => one.deployment === deployment) + 1);
  const next = later.find((one) => one.verdict === 'promoted');
  return next !== undefined && next.from === to && next.to === from ? next.deployment : null;
}
