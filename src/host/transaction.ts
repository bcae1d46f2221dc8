import type { BootDefault } from '../core/facts.ts';
import type { Goal } from '../core/goal.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { ask, type Question } from './ask.ts';
import type { Deployment } from './build.ts';
import { type Fields, readFields } from './fields.ts';
import { readBootDefault } from './observe.ts';
import { scripts } from './scripts.ts';
import { secondsOf } from './seconds.ts';

/** Where a transaction stands, as its file `state` says; `transaction.sh` writes them. */
export const transactionStates = [
  'gating',
  'previewing',
  'armed',
  'testing',
  'verifying',
  'waiting',
  'promoting',
  'rolling-back',
  'ended',
] as const;
export type TransactionState = (typeof transactionStates)[number];

/** How a transaction ended: its own verdict, and why where it is not a good one. */
export interface TransactionEnd {
  readonly verdict: Verdict;
  readonly fields: Fields;
}

export interface TransactionStanding {
  readonly state: TransactionState;
  /** Absent while it goes on. */
  readonly end?: TransactionEnd;
  readonly running: string;
  readonly profile: string;
  readonly bootDefault: BootDefault;
}

export interface TransactionRequest {
  readonly toplevel: string;
  readonly goal: Goal;
  readonly selfCheck?: string;
}

// How long the boot loader's program may take, and how long a lock held by somebody else is waited for.
const loaderLimitMs = 5 * 60_000;
const lockLimitMs = 60_000;

/** Starts the transaction; from here on the host decides. Throws switch-under-way, host-script-failed, and as `ask`. */
export async function startTransaction(
  session: Session,
  deployment: Deployment,
  request: TransactionRequest,
  signal: AbortSignal,
): Promise<void> {
  const { limits } = deployment;
  const answer = await askHost(session, deployment, signal, {
    name: 'the start of the transaction',
    script: scripts.startTransaction,
    arguments: [
      deployment.id,
      `NEW=${request.toplevel}`,
      `GOAL=${request.goal}`,
      `SELF_CHECK=${request.selfCheck ?? ''}`,
      `SELF_CHECK_LIMIT=${secondsOf(limits.selfCheckTimeoutMs)}`,
      `ACTIVATION_LIMIT=${secondsOf(limits.activationTimeoutMs)}`,
      `SETTLE=${secondsOf(limits.settleMs)}`,
      `CONFIRM_LIMIT=${secondsOf(Math.ceil(limits.confirmTimeoutMs / 1000) * 1000)}`,
      `ROLLBACK_LIMIT=${secondsOf(limits.rollbackTimeoutMs)}`,
      `LOADER_LIMIT=${secondsOf(loaderLimitMs)}`,
      `LOCK_LIMIT=${secondsOf(lockLimitMs)}`,
    ],
  });
  const taken = readFields('the start of the transaction', answer).optional('taken');
  if (taken !== undefined) throw new FlurryError({ code: 'switch-under-way', what: taken });
}

/**
 * Waits until the transaction has left the given states, or has ended, and tells where it stands. `mark` closes the log.
 * Throws transaction-unknown where its unit is gone without an end, and as `ask`.
 */
export async function awaitTransaction(
  session: Session,
  deployment: Deployment,
  wait: { readonly whileIn: readonly TransactionState[]; readonly mark: string; readonly limitMs: number },
  signal: AbortSignal,
): Promise<TransactionStanding> {
  const question = 'the state of the transaction';
  const answer = await askHost(session, deployment, signal, {
    name: question,
    script: scripts.awaitTransaction,
    arguments: [deployment.id, wait.mark, ...wait.whileIn],
    timeoutMs: Math.min(wait.limitMs + deployment.limits.answerTimeoutMs, 2 ** 31 - 1),
  });
  const fields = readFields(question, answer);
  if (fields.optional('gone') !== undefined) {
    throw new FlurryError({ code: 'transaction-unknown', state: fields.text('state') || 'unknown' });
  }
  const verdict = fields.optional('verdict');
  return {
    state: fields.word('state', transactionStates),
    ...(verdict === undefined ? {} : { end: { verdict: fields.word('verdict', endings), fields } }),
    running: fields.text('running'),
    profile: fields.text('profile'),
    bootDefault: readBootDefault(fields),
  };
}

const endings = [
  'refused',
  'failed',
  'previewed',
  'tested',
  'staged',
  'promoted',
  'rolled-back',
  'in-doubt',
] as const satisfies readonly Verdict[];

/** Confirms or aborts the transaction that waits, and tells whose word counted: one of them won, for good. */
export async function decide(
  session: Session,
  deployment: Deployment,
  word: 'confirmed' | 'aborted',
  signal: AbortSignal,
): Promise<'confirmed' | 'aborted' | 'expired' | 'undecided'> {
  const question = { name: 'the confirmation', script: scripts.decide, arguments: [deployment.id, word] };
  const answer = await askHost(session, deployment, signal, question);
  const decided = readFields(question.name, answer).optional('decided');
  switch (decided) {
    case 'confirmed':
    case 'aborted':
    case 'expired':
      return decided;
    default:
      return 'undecided';
  }
}

async function askHost(
  session: Session,
  deployment: Deployment,
  signal: AbortSignal,
  question: Pick<Question, 'name' | 'script' | 'arguments'> & { readonly timeoutMs?: number },
): Promise<string> {
  const whole = { timeoutMs: deployment.limits.answerTimeoutMs, ...question, shell: deployment.shell };
  return await ask(session, whole, signal);
}
