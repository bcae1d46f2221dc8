import type { BootDefault } from '../core/facts.ts';
import type { Goal } from '../core/goal.ts';
import type { Gates, Policies } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { ask, type Question } from './ask.ts';
import type { Deployment } from './deployment.ts';
import { failedCheckLines } from './failed-check.ts';
import { type Fields, readFields } from './fields.ts';
import { readBootDefault } from './observe.ts';
import { scripts } from './scripts.ts';
import { secondsOf } from './seconds.ts';

/** Where a transaction stands, as its file `state` says; the scripts of its units write them. */
export const transactionStates = [
  'locked',
  'gating',
  'gated',
  'previewing',
  'armed',
  'testing',
  'verifying',
  'waiting',
  'promoting',
  'rolling-back',
  'holding',
  'ended',
] as const;
export type TransactionState = (typeof transactionStates)[number];

/** How a transaction ended: its own verdict, and the lines that say why where it is not a good one. */
export interface TransactionEnd {
  readonly verdict: Verdict;
  readonly fields: Fields;
}

export interface TransactionStanding {
  /** Absent where the host's folder of it is gone: after its end, or after a reboot. */
  readonly state?: TransactionState;
  /** Absent while it goes on, and where nobody wrote one. */
  readonly end?: TransactionEnd;
  /** No unit of it is left, and no verdict. */
  readonly gone: boolean;
  /** The log has a mark behind the last line of the states that were waited for. */
  readonly marked: boolean;
  /** Until the host decides this state by itself. */
  readonly secondsLeft?: number;
  readonly bootId: string;
  readonly running: string;
  readonly profile: string;
  readonly bootDefault: BootDefault;
}

export interface TransactionRequest {
  readonly toplevel: string;
  /** What is to run of it; absent: itself. */
  readonly runs?: string | undefined;
  /** Have its boot loader installed anew where it becomes the boot default. */
  readonly installBootloader?: 'yes' | undefined;
  /** The toplevel that ran when the host was observed. */
  readonly running: string;
  readonly goal: Goal;
  /** Instead of making it the boot default, have the new system booted once. */
  readonly trial?: 'yes' | undefined;
  /** The running system cannot become the new one, which is known and meant (goal `boot`). */
  readonly inhibited?: 'yes' | undefined;
  readonly policies: Policies;
  readonly gates: Gates;
  readonly selfCheck?: string;
}

/** How long the boot loader's program may take, and how long a lock held by somebody else is waited for. */
export const loaderLimitMs = 5 * 60_000;
export const lockLimitMs = 60_000;

/**
 * Starts the transaction; from here on the host decides. Asked again, since the answer was lost, it starts nothing anew.
 * Throws locked, unit-masked, host-script-failed (nothing was
 * started in any of these cases), and as `ask`.
 */
export async function startTransaction(
  session: Session,
  deployment: Deployment,
  request: TransactionRequest,
): Promise<void> {
  const { limits } = deployment;
  const seconds = (ms: number): string => String(Math.ceil(ms / 1000));
  const answer = await askHost(session, deployment, never, {
    name: 'the start of the transaction',
    script: scripts.startTransaction,
    arguments: [
      deployment.id,
      `NEW=${request.toplevel}`,
      `RUNS=${request.runs ?? request.toplevel}`,
      `INSTALL_BOOTLOADER=${request.installBootloader === 'yes' ? '1' : '0'}`,
      `OLD=${request.running}`,
      `GOAL=${request.goal}`,
      `TRIAL=${request.trial ?? 'no'}`,
      `INHIBITED=${request.inhibited ?? 'no'}`,
      `OWNER=${deployment.owner}`,
      `SELF_CHECK=${request.selfCheck ?? ''}`,
      `DEGRADED=${request.gates.degraded}`,
      `ON_UNIT_FAILURE=${request.policies.onUnitFailure}`,
      // Once gated it goes on only when it is released, and is refused where nobody does so in time.
      `GATED=${request.policies.together === 'all-or-nothing' ? 'wait' : ''}`,
      `IF_ROLLBACK_FAILS=${request.policies.ifRollbackFails}`,
      // systemd counts fractions, the shell whole seconds.
      `SETTLE=${secondsOf(limits.settleMs)}`,
      `SELF_CHECK_LIMIT=${seconds(limits.selfCheckTimeoutMs)}`,
      `ACTIVATION_LIMIT=${seconds(limits.activationTimeoutMs)}`,
      `CONFIRM_LIMIT=${seconds(limits.confirmTimeoutMs)}`,
      `CONFIRM_CAP=${seconds(limits.confirmCapMs)}`,
      `ROLLBACK_LIMIT=${seconds(limits.rollbackTimeoutMs)}`,
      `HOLD_WINDOW=${seconds(limits.holdWindowMs)}`,
      `LOADER_LIMIT=${seconds(loaderLimitMs)}`,
      `LOCK_LIMIT=${seconds(lockLimitMs)}`,
    ],
  });
  const fields = readFields('the start of the transaction', answer);
  const taken = fields.optional('taken');
  if (taken === 'masked') throw new FlurryError({ code: 'unit-masked', unit: 'flurry-activate.service' });
  if (taken !== undefined) throw new FlurryError(lockedBy(taken, fields));
}

/** Reads who holds the host's lock, from lines `owner`, `since` and `state`. */
export function lockedBy(id: string, fields: Fields) {
  const said = (key: string): string => fields.optional(key) ?? 'unknown';
  return { code: 'locked', id, owner: said('owner'), since: said('since'), state: said('state') } as const;
}

/**
 * Waits until the transaction has left the given states, or has ended, and tells where it stands. `mark` closes the log
 * of what prints. Throws as `ask`.
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
    silenceMs: deployment.limits.answerTimeoutMs,
  });
  const fields = readFields(question, answer);
  const history = fields.optional('history');
  const ended = history === undefined ? fields : readHistoryEnd(history);
  const verdict = ended.optional('verdict');
  const secondsLeft = fields.optional('seconds-left');
  return {
    ...(fields.optional('standing') === undefined ? {} : { state: fields.word('standing', transactionStates) }),
    ...(verdict === undefined ? {} : { end: { verdict: ended.word('verdict', endings), fields: ended } }),
    gone: fields.optional('gone') !== undefined,
    marked: fields.optional('marked') !== undefined,
    ...(secondsLeft !== undefined && /^-?\d+$/.test(secondsLeft) ? { secondsLeft: Number(secondsLeft) } : {}),
    bootId: fields.text('boot-id'),
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

/** Reads a line `ended` of the host's history. Throws bad-answer. */
export function readHistoryEnd(line: string): Fields {
  const question = 'the history';
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    throw new FlurryError({ code: 'bad-answer', question, expected: 'a line of JSON', found: line.slice(0, 200) });
  }
  const known =
    typeof entry === 'object' && entry !== null && 'verdict' in entry && 'facts' in entry ? entry : undefined;
  const facts = Array.isArray(known?.facts) ? known.facts : [];
  return readFields(question, [`verdict ${String(known?.verdict)}`, ...facts.map(String)].join('\n'));
}

const decisions = [
  'released',
  'dismissed',
  'gate-expired',
  'confirmed',
  'aborted',
  'expired',
  'held',
  'rebooting',
  'elsewhere',
] as const;

/** Whose word counted: one of them won, for good. `undecided`: it does not wait yet, or any more. */
export type Decision = (typeof decisions)[number] | 'undecided';

/**
 * A word for a transaction that waits; one that extends moves its deadline to so long from now, and one that aborts may
 * say why: the host then ends with that.
 */
export type Word =
  | 'released'
  | 'dismissed'
  | 'confirmed'
  | 'aborted'
  | 'held'
  | { readonly extendMs: number }
  | { readonly aborted: Problem<'check-failed'> };

/** To which boot of which machine a word is said: behind an address may stand another. */
export interface Addressee {
  readonly bootId: string;
  readonly machineId: string;
}

/**
 * Says a word to the transaction that waits, and tells which word counted, and whether it was this very one. To extend
 * moves its deadline, within the cap. `released` and `dismissed` are for one that waits at its gate. Throws as `ask`.
 */
export async function decide(
  session: Session,
  deployment: Deployment,
  addressee: Addressee,
  word: Word,
): Promise<{ readonly decided: Decision; readonly by: 'us' | 'others' }> {
  const question = 'the confirmation';
  const answer = await askHost(session, deployment, never, {
    name: question,
    script: scripts.decide,
    arguments: [deployment.id, addressee.bootId, addressee.machineId, ...wordsFor(word)],
  });
  const fields = readFields(question, answer);
  const decided = fields.optional('decided') === undefined ? 'undecided' : fields.word('decided', decisions);
  return { decided, by: fields.optional('won') === 'yes' ? 'us' : 'others' };
}

function wordsFor(word: Word): readonly string[] {
  if (typeof word === 'string') return [word];
  if ('extendMs' in word) return ['extended', String(Math.ceil(word.extendMs / 1000))];
  return ['aborted', failedCheckLines(word.aborted).join('\n')];
}

/** The transaction that is under way on a host, whoever began it; nothing where there is none. */
export interface CurrentTransaction extends Addressee {
  readonly id: string;
  readonly owner: string;
  readonly since: string;
  readonly state: string;
  /** Whether a unit on the host will bring it to an end, sooner or later. */
  readonly atWork: boolean;
}

/** Asks which transaction is under way. Throws as `ask`. */
export async function currentTransaction(
  session: Session,
  asking: Pick<Question, 'shell' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<CurrentTransaction | undefined> {
  const name = 'the transaction under way';
  const answer = await ask(session, { ...asking, name, script: scripts.current, arguments: [] }, signal);
  const fields = readFields(name, answer);
  const id = fields.optional('id');
  if (id === undefined) return undefined;
  const { owner, since, state } = lockedBy(id, fields);
  const atWork = fields.optional('at-work') === 'yes';
  return { id, owner, since, state, atWork, bootId: fields.text('boot-id'), machineId: fields.text('machine-id') };
}

/** Has the host begin its way back anew where somebody stopped it: nobody else would decide there. Throws as `ask`. */
export async function reviveWayBack(
  session: Session,
  asking: Pick<Question, 'shell' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<void> {
  await ask(session, { ...asking, name: 'the way back', script: scripts.revive, arguments: [] }, signal);
}

const never = new AbortController().signal;

async function askHost(
  session: Session,
  deployment: Deployment,
  signal: AbortSignal,
  question: Pick<Question, 'name' | 'script' | 'arguments' | 'silenceMs'> & { readonly timeoutMs?: number },
): Promise<string> {
  const whole = { timeoutMs: deployment.limits.answerTimeoutMs, ...question, shell: deployment.shell };
  return await ask(session, whole, signal);
}
