import type { Limits } from '../core/limits.ts';
import type { Phase } from '../core/phase.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { isWell } from '../core/verdict.ts';
import { type Deployment, reconcile } from '../host/deployment.ts';
import { logMark, logPatienceMs } from '../host/journal.ts';
import {
  type Addressee,
  awaitTransaction,
  loaderLimitMs,
  lockLimitMs,
  type TransactionStanding,
  type TransactionState,
} from '../host/transaction.ts';
import type { Activation } from './activate.ts';
import { sayOnce } from './confirm.ts';
import type { FollowingRun } from './host.ts';
import type { HostLink } from './link.ts';

/** A transaction, and what stands between us and its host. */
export type Watching = Activation & Watched;

/** As much of it as is known of one that somebody else began. */
export interface Watched extends HostLink {
  readonly deployment: Deployment;
  /** The boot in which it began, of which machine. */
  readonly facts: Addressee;
}

/** The host ended its transaction otherwise than wished, or is on its way back; it says so itself. */
export class TransactionFailed extends Error {
  readonly standing: TransactionStanding;
  /** The last lines of the phase that went wrong. */
  readonly tail: string;

  constructor(standing: TransactionStanding, tail: string) {
    super(`the transaction failed: ${standing.end?.verdict ?? standing.state}`);
    this.standing = standing;
    this.tail = tail;
  }
}

/**
 * Waits until the transaction has left these states, however often contact is lost meanwhile.
 *
 * Throws TransactionFailed once it is on its way back or has ended otherwise than wished; contact-lost,
 * transaction-unknown where nobody can say.
 */
export async function untilOut(
  run: FollowingRun,
  watching: Watched,
  whileIn: readonly TransactionState[],
): Promise<TransactionStanding> {
  const { narration } = run;
  const standing = await standingAfter(run, watching, whileIn);
  const tail = narration.tail(phaseOf[whileIn.at(-1) ?? 'ended']);
  if (standing.end !== undefined) {
    if (isWell(standing.end.verdict)) return standing;
    throw new TransactionFailed(standing, tail);
  }
  if (standing.state === 'rolling-back' || standing.state === 'holding') throw new TransactionFailed(standing, tail);
  return standing;
}

/** Waits for the verdict of a host that puts itself back; where it cannot, it is told that it is still reached. */
export async function untilEnded(
  run: FollowingRun,
  watching: Watched,
  state: TransactionState,
): Promise<TransactionStanding> {
  if (state === 'holding') {
    run.narration.note('the host could not put itself back; asking it to hold, since it is still reached', 'warning');
    await sayOnce(run, watching, 'held').catch((error: unknown) => {
      const { reason } = run.ports.explain(problemOf(error), run.plan.host.name);
      run.narration.note(`could not ask it: ${reason}; its policy decides`, 'warning');
    });
  }
  const standing = await standingAfter(run, watching, [state]);
  if (standing.end !== undefined) return standing;
  if (standing.state === undefined) throw new FlurryError({ code: 'transaction-unknown', state });
  return await untilEnded(run, watching, standing.state);
}

async function standingAfter(
  run: FollowingRun,
  { contact, deployment, journal, facts, reach }: Watched,
  whileIn: readonly TransactionState[],
): Promise<TransactionStanding> {
  const mark = logMark(deployment.id, whileIn.join(' '));
  const limitMs = longest(deployment.limits);
  // For how long a host is kept waiting for others, they decide.
  const answerMs = whileIn.includes('gated') ? Number.POSITIVE_INFINITY : limitMs;
  const look = (session: Session) => awaitTransaction(session, deployment, { whileIn, mark, limitMs: answerMs }, never);
  const standing = await contact.persist(look, limitMs).catch((error: unknown) => {
    const problem = problemOf(error);
    if (problem.code !== 'contact-lost') throw error;
    throw new FlurryError({ ...problem, state: whileIn.at(-1) ?? 'unknown' }, { cause: error });
  });
  reach.heard(standing);
  if (standing.marked) await journal.until(mark, logPatienceMs);
  if (standing.end !== undefined || !standing.gone) return standing;
  // Neither a unit nor a verdict: a reboot took both. What the host is now tells how it ended.
  if (standing.bootId !== facts.bootId) run.narration.note('the host was rebooted meanwhile', 'warning');
  await contact.persist((session) => reconcile(session, deployment), limitMs);
  const late = await contact.persist(look, limitMs);
  if (late.end === undefined) {
    throw new FlurryError({ code: 'transaction-unknown', state: standing.state ?? 'unknown' });
  }
  return late;
}

/** How long the host may take to its verdict at the very most: all its limits one after the other, and a reboot. */
export function longest(limits: Limits): number {
  const { selfCheckTimeoutMs, activationTimeoutMs, settleMs, confirmCapMs, rollbackTimeoutMs, holdWindowMs } = limits;
  const own = 2 * selfCheckTimeoutMs + activationTimeoutMs + 2 * settleMs + rollbackTimeoutMs + holdWindowMs;
  return own + confirmCapMs + 2 * loaderLimitMs + lockLimitMs + limits.rebootTimeoutMs;
}

// Whose lines tell what went wrong there.
const phaseOf: Readonly<Record<TransactionState, Phase>> = {
  locked: 'gate',
  gating: 'gate',
  gated: 'gate',
  previewing: 'preview',
  armed: 'gate',
  testing: 'test',
  verifying: 'test',
  waiting: 'test',
  promoting: 'promote',
  'rolling-back': 'test',
  holding: 'test',
  ended: 'promote',
};

// The transaction is the host's: to stop watching it half way would only hide how it ended.
const never = new AbortController().signal;
