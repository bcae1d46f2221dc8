import type { Session } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { askStatus, type StatusAnswer } from '../host/status.ts';
import { type TransactionStanding, type TransactionState, transactionStates } from '../host/transaction.ts';
import type { HostTask } from './each-host.ts';
import { type Failing, failedOutcome } from './failed-outcome.ts';
import type { FollowingRun } from './host.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import { TransactionFailed, untilEnded, untilOut } from './watch.ts';

/** One host's part of a run, as what follows a transaction wants it. */
export function followingRun({ host, limits, ports, narration }: HostTask): FollowingRun {
  return { plan: { host, limits }, ports, narration };
}

/**
 * Looks what goes on on a host, whoever began it. `deployment`: one that is asked for by name. Throws no-privilege, and
 * as `askStatus`.
 */
export async function lookFor(session: Session, task: HostTask, deployment?: string): Promise<StatusAnswer> {
  const { limits, ports } = task;
  const asking = { timeoutMs: limits.answerTimeoutMs, ...(deployment === undefined ? {} : { deployment }) };
  const answer = await askStatus(session, asking, ports.signal);
  if (answer.noPrivilege === undefined) return answer;
  throw new ObservedProblem(answer.systems, answer.noPrivilege);
}

/** Reads a state that a host tells; what cannot be read means a way back to the host as well. */
export function stateOf(word: string): TransactionState {
  return transactionStates.find((each) => each === word) ?? 'rolling-back';
}

/**
 * Follows a transaction from the state in which it was met to the host's verdict, phase by phase, as a deployment tells
 * them. `whenWaiting` is done as soon as it waits to be confirmed. Where nobody can say how it ended, that is
 * `in-doubt`, and the host goes on by itself. Throws only Left.
 */
export async function followToEnd(
  run: FollowingRun,
  joined: Failing,
  from: TransactionState,
  whenWaiting: () => Promise<void> = async () => {},
): Promise<Outcome> {
  try {
    for (let state = from; ; ) {
      const standing = await phaseAt(run, joined, state, whenWaiting);
      if (standing.end !== undefined) return wellOutcome(standing);
      if (standing.state === undefined) throw new FlurryError({ code: 'transaction-unknown', state });
      state = standing.state;
    }
  } catch (error) {
    return await failedOutcome(error, run, joined);
  }
}

/** Tells the end that a host wrote down as a good one. */
export function wellOutcome(standing: TransactionStanding): Outcome {
  const verdict = standing.end?.verdict ?? 'in-doubt';
  return { verdict, said: `the host says: ${verdict}`, ...lastSeen(standing) };
}

async function phaseAt(
  run: FollowingRun,
  joined: Failing,
  state: TransactionState,
  whenWaiting: () => Promise<void>,
): Promise<TransactionStanding> {
  const { stage, tail } = run.narration;
  const out = (...states: readonly TransactionState[]) => untilOut(run, joined, states);
  switch (state) {
    case 'locked':
    case 'gating':
    case 'gated':
    case 'armed':
      return await stage('gate', () => out('locked', 'gating', 'gated', 'armed'));
    case 'previewing':
      return await stage('preview', () => out('previewing'));
    case 'testing':
      return await stage('test', () => out('testing'));
    case 'verifying':
    case 'waiting':
      return await stage('verify', async () => {
        const standing = state === 'verifying' ? await out('verifying') : undefined;
        if (standing !== undefined && standing.state !== 'waiting') return standing;
        await whenWaiting();
        return await out('waiting');
      });
    case 'promoting':
      return await stage('promote', () => out('promoting'));
    case 'rolling-back':
    case 'holding': {
      const ended = await stage('rollback', () => untilEnded(run, joined, state));
      throw new TransactionFailed(ended, tail('test'));
    }
    case 'ended':
      return await out();
  }
}
