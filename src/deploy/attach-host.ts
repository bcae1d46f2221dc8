import type { Phase } from '../core/phase.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { awaitBuild } from '../host/build.ts';
import type { HistoryEntry } from '../host/history.ts';
import { logMark, logPatienceMs } from '../host/journal.ts';
import type { StatusAnswer } from '../host/status.ts';
import type { TransactionState } from '../host/transaction.ts';
import type { HostTask } from './each-host.ts';
import { problemOfEnd } from './ended-problem.ts';
import { type Failing, failedOutcome } from './failed-outcome.ts';
import type { FollowingRun } from './host.ts';
import { followingRun, followToEnd, lookFor, stateOf, wellOutcome } from './join-host.ts';
import { withLink } from './link.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import { Left, type Narration } from './stage.ts';
import { TransactionFailed, untilOut } from './watch.ts';

/** One host's part of a run of `attach`. */
export interface HostAttachment extends HostTask {
  /** Another deployment than the one that is under way there, or the last one. */
  readonly id?: string;
}

/** What is joined: something that is under way, or has ended. */
interface Target {
  readonly kind: 'build' | 'transaction' | 'ended';
  readonly id: string;
  readonly owner: string;
  /** When it was found. */
  readonly state: TransactionState;
  /** The boot in which it began. */
  readonly bootId: string;
  readonly toplevel: string;
}

/**
 * Joins a build or a transaction on a host, whoever began it, with its log from the start, and waits for the host's own
 * verdict; one that has ended is told with its log and verdict. Nothing is said to it, but that a
 * host which could not put itself back is still reached; once the signal fires it is left to itself, and that is `seen`. Throws nothing-to-join, no-privilege, what makes a build fail, and as `askStatus`.
 */
export async function attachHost(session: Session, attachment: HostAttachment): Promise<Outcome> {
  const { narration, limits, ports } = attachment;
  const { target, answer } = await narration.stage('observe', () => find(session, attachment));
  const { id, owner, bootId, toplevel, state } = target;
  const deployment = { id, shell: answer.shell, limits, owner };
  const run = followingRun(attachment);
  const leaving = new AbortController();
  const options = { deployment, log: 'shown', signal: leaving.signal } as const;
  return await withLink(session, run, options, async (link) => {
    const leave = (): void => {
      leaving.abort(new Left());
      void link.contact.once((standing) => standing.close());
    };
    if (ports.signal.aborted) leave();
    else ports.signal.addEventListener('abort', leave, { once: true });
    const joined = { ...link, deployment, facts: { bootId, machineId: answer.machineId }, toplevel };
    try {
      if (target.kind === 'build') return await followBuild(run, joined, answer);
      if (target.kind === 'ended') return await tellEnded(run, joined);
      link.reach.heard({ state });
      return await followToEnd(run, joined, state);
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      return { verdict: 'seen', said: `left; deployment ${id} goes on there`, ...lastSeen(answer.systems) };
    } finally {
      ports.signal.removeEventListener('abort', leave);
    }
  });
}

async function find(session: Session, attachment: HostAttachment) {
  const { id, narration } = attachment;
  const answer = await lookFor(session, attachment, id);
  const target = underWayIn(answer, id) ?? endedIn(answer, id);
  if (target === undefined) {
    const known = [...new Set(answer.history.map((entry) => entry.id))].slice(-3).toReversed();
    throw new ObservedProblem(answer.systems, { code: 'nothing-to-join', id: id ?? '', known });
  }
  tellTarget(narration, target, answer);
  return { answer, target };
}

function underWayIn({ status, bootId }: StatusAnswer, id: string | undefined): Target | undefined {
  const candidates = status.underWay.filter(({ deployment }) => id === undefined || deployment === id);
  const found = candidates.find(({ kind }) => kind === 'transaction') ?? candidates[0];
  if (found === undefined) return undefined;
  const { kind, deployment, by, state } = found;
  return { kind, id: deployment, owner: by, state: stateOf(state), bootId, toplevel: 'the new system' };
}

/** One that is not under way: of the history, or of a folder that is still there. */
function endedIn({ history, named, bootId }: StatusAnswer, wanted: string | undefined): Target | undefined {
  const entries: readonly HistoryEntry[] = wanted === undefined ? history : named.history;
  const id = wanted ?? entries.at(-1)?.id;
  if (id === undefined || (entries.length === 0 && named.folder === undefined)) return undefined;
  const begun = entries.findLast((entry) => entry.event === 'begun' && entry.id === id);
  const known = begun?.event === 'begun' ? begun : undefined;
  return {
    kind: named.folder === 'build' && entries.length === 0 ? 'build' : 'ended',
    id,
    owner: known?.by ?? 'unknown',
    state: 'ended',
    bootId: known?.boot ?? bootId,
    toplevel: known?.new ?? 'the new system',
  };
}

function tellTarget(narration: Narration, { kind, id, owner }: Target, { status, history, named }: StatusAnswer): void {
  const underWay = status.underWay.find(({ deployment }) => deployment === id);
  if (kind !== 'ended' && underWay !== undefined) {
    narration.note(`deployment ${id} by ${owner} since ${underWay.since} is ${underWay.state}`);
    return;
  }
  const at = [...history, ...named.history].find((entry) => entry.event === 'begun' && entry.id === id)?.at;
  narration.note(`deployment ${id} by ${owner}${at === undefined ? '' : `, begun ${at}`} is not under way any more`);
}

/** Waits for a build; where a transaction comes of it, that is followed. */
async function followBuild(run: FollowingRun, joined: Failing, { systems }: StatusAnswer): Promise<Outcome> {
  const { contact, journal, deployment } = joined;
  const { narration } = run;
  const mark = logMark(deployment.id, 'build');
  const limitMs = run.plan.limits.reconnectTimeoutMs;
  const built = await narration.stage('build', async () => {
    try {
      const end = await contact.persist((over) => awaitBuild(over, deployment, mark), limitMs);
      await journal.until(mark, logPatienceMs);
      return end;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'contact-lost') throw new FlurryError({ ...problem, state: 'building' }, { cause: error });
      if (problem.code !== 'build-failed') throw error;
      await journal.until(mark, logPatienceMs);
      throw new FlurryError({ ...problem, tail: narration.tail('build') }, { cause: error });
    }
  });
  const { toplevel = 'its new system' } = built;
  if (built.transaction === 'begun') {
    joined.reach.heard({ state: 'locked' });
    return await followToEnd(run, { ...joined, toplevel }, 'locked');
  }
  const nothing =
    built.transaction === 'none' ? 'nothing came of it yet' : 'whoever began it wanted no more, or gave up';
  return { verdict: 'built', said: `built ${toplevel}; no transaction began: ${nothing}`, ...lastSeen(systems) };
}

/** Tells the log and the end of one that has ended; one that a reboot cut off is judged now, by what the host is. */
async function tellEnded(run: FollowingRun, joined: Failing): Promise<Outcome> {
  try {
    const standing = await untilOut(run, joined, []);
    if (standing.end !== undefined) return wellOutcome(standing);
    return await followToEnd(run, joined, standing.state ?? 'ended');
  } catch (error) {
    if (!(error instanceof TransactionFailed) || error.standing.end === undefined) {
      return await failedOutcome(error, run, joined);
    }
    const { end } = error.standing;
    const { toplevel } = joined;
    const { code } = problemOfEnd(end, { toplevel, tail: '' });
    const tail = run.narration.tail(phaseBehind[code] ?? 'test');
    return { verdict: end.verdict, problem: problemOfEnd(end, { toplevel, tail }), ...lastSeen(error.standing) };
  }
}

// Whose lines tell what went wrong; of all others it is the test.
const phaseBehind: Readonly<Record<string, Phase>> = {
  'self-check-failed': 'gate',
  'pre-switch-check-failed': 'gate',
  'preview-failed': 'preview',
  'promotion-failed': 'promote',
};
