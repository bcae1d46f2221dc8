import type { HostFacts } from '../core/facts.ts';
import { activates } from '../core/goal.ts';
import type { Limits } from '../core/limits.ts';
import type { Phase } from '../core/phase.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { isWell } from '../core/verdict.ts';
import type { Deployment } from '../host/build.ts';
import { type JournalFollower, logMark } from '../host/journal.ts';
import {
  awaitTransaction,
  decide,
  startTransaction,
  type TransactionStanding,
  type TransactionState,
} from '../host/transaction.ts';
import { problemOfEnd } from './ended-problem.ts';
import type { HostRun } from './host.ts';
import { lastSeen, type Outcome } from './outcome.ts';

export interface Activation {
  readonly deployment: Deployment;
  readonly facts: HostFacts;
  readonly toplevel: string;
  readonly journal: JournalFollower;
}

/**
 * Starts the host's transaction and watches it to its end: gate → test → verify → promote. The host decides; we tell
 * which phase it is in, and confirm when it waits. The outcome is the host's own; where contact is lost it is
 * `in-doubt`, and the host puts itself back unless it was confirmed.
 */
export async function activate(session: Session, run: HostRun, activation: Activation): Promise<Outcome> {
  const { narration, plan } = run;
  const until = (...states: readonly TransactionState[]) => untilOut(session, run, activation, states);
  let begun = false;
  const begin = async (): Promise<void> => {
    begun = true;
    await startTransaction(session, activation.deployment, requestOf(run, activation), never).catch(
      (error: unknown) => {
        const { code } = problemOf(error);
        begun = code !== 'switch-under-way' && code !== 'host-script-failed';
        throw error;
      },
    );
  };
  try {
    let standing: TransactionStanding;
    if (plan.goal === 'dry-activate') {
      standing = await narration.stage('preview', async () => {
        await begin();
        return await until('gating', 'previewing');
      });
    } else {
      await narration.stage('gate', async () => {
        await begin();
        await until('gating', 'armed');
      });
      if (activates(plan.goal)) {
        await narration.stage('test', () => until('testing'));
        await narration.stage('verify', () => until('verifying'));
      }
      standing = await narration.stage(plan.goal === 'test' ? 'verify' : 'promote', async () => {
        if (activates(plan.goal)) await confirm(session, run, activation);
        return await until('waiting', 'promoting');
      });
    }
    return { verdict: standing.end?.verdict ?? 'in-doubt', said: sayings[plan.goal], ...lastSeen(standing) };
  } catch (error) {
    if (error instanceof TransactionFailed) {
      return outcomeOf(error, activation, plan.limits);
    }
    if (!begun) throw error;
    return { verdict: 'in-doubt', problem: problemOf(error) };
  }
}

const sayings = {
  build: 'built',
  'dry-activate': 'previewed: nothing was changed',
  test: 'runs it; boots what it booted before',
  boot: 'will boot it next, untested',
  promote: 'runs and boots it',
} as const;

// The transaction is the host's: to stop watching it half way would only hide how it ended.
const never = new AbortController().signal;

/** The host ended its transaction otherwise than wished; it says so itself. */
class TransactionFailed extends Error {
  readonly standing: TransactionStanding;
  readonly tail: string;

  constructor(standing: TransactionStanding, tail: string) {
    super(`transaction ended: ${standing.end?.verdict}`);
    this.standing = standing;
    this.tail = tail;
  }
}

function requestOf(run: HostRun, { toplevel }: Activation): Parameters<typeof startTransaction>[2] {
  const { goal, selfCheck } = run.plan;
  return { toplevel, goal, ...(selfCheck === undefined ? {} : { selfCheck }) };
}

async function confirm(session: Session, run: HostRun, { deployment }: Activation): Promise<void> {
  const word = run.ports.signal.aborted ? 'aborted' : 'confirmed';
  const decided = await decide(session, deployment, word, never);
  if (decided !== 'confirmed') run.narration.note(`not confirmed: ${decided}`, 'warning');
}

/** Waits until the transaction has left these states; on its way back, until it has ended. Throws TransactionFailed. */
async function untilOut(
  session: Session,
  run: HostRun,
  { deployment, journal }: Activation,
  whileIn: readonly TransactionState[],
): Promise<TransactionStanding> {
  const mark = logMark(deployment.id, whileIn.join(' '));
  const wait = { whileIn, mark, limitMs: longest(deployment.limits) };
  const standing = await awaitTransaction(session, deployment, wait, never);
  await journal.until(mark, 2000);
  const tail = run.narration.tail(phaseOf[whileIn[0] ?? 'ended']);
  if (standing.state === 'rolling-back') {
    run.narration.note('failed; the host puts itself back to what it ran before', 'warning');
    throw new TransactionFailed(
      await awaitTransaction(session, deployment, { ...wait, whileIn: ['rolling-back'] }, never),
      tail,
    );
  }
  if (standing.end !== undefined && !isWell(standing.end.verdict)) throw new TransactionFailed(standing, tail);
  return standing;
}

// Whose lines tell what went wrong there.
const phaseOf: Readonly<Record<TransactionState, Phase>> = {
  gating: 'gate',
  previewing: 'preview',
  armed: 'gate',
  testing: 'test',
  verifying: 'test',
  waiting: 'promote',
  promoting: 'promote',
  'rolling-back': 'test',
  ended: 'promote',
};

function outcomeOf({ standing, tail }: TransactionFailed, activation: Activation, limits: Limits): Outcome {
  const { end } = standing;
  if (end === undefined) throw new FlurryError({ code: 'transaction-unknown', state: standing.state });
  const problem = problemOfEnd(end, { limits, toplevel: activation.toplevel, tail });
  return { verdict: end.verdict, problem, ...lastSeen(standing) };
}

/** How long the host may stay in one state at the very most: all its limits one after the other. */
function longest(limits: Limits): number {
  const { selfCheckTimeoutMs, activationTimeoutMs, settleMs, confirmTimeoutMs, rollbackTimeoutMs } = limits;
  const loaderAndLockMs = 2 * 5 * 60_000 + 60_000;
  return (
    2 * selfCheckTimeoutMs + activationTimeoutMs + 2 * settleMs + confirmTimeoutMs + rollbackTimeoutMs + loaderAndLockMs
  );
}
