import { setTimeout as pause } from 'node:timers/promises';
import { checksFor } from '../core/check.ts';
import { duration } from '../core/explain/quantity.ts';
import { type Problem, problemOf } from '../core/problem.ts';
import { type Decision, decide, type TransactionStanding, type Word } from '../host/transaction.ts';
import { checksAfter } from './checks-of-host.ts';
import type { Contact } from './contact.ts';
import type { ActivationRun, FollowingRun } from './host.ts';
import { keepWaiting } from './keep-waiting.ts';
import { isRefusal } from './refusal.ts';
import type { Watched } from './watch.ts';

/** A host that waits to be confirmed. */
export type Waiting = Pick<Watched, 'deployment' | 'facts' | 'reach'>;
/** And the connection over which it is asked for its health. */
export type WaitingHost = Waiting & { readonly contact: Pick<Contact, 'persist'> };

/**
 * Confirms a tested system over a new connection, which proves that this very host can still be reached and logged in
 * to: it is made again and again until the host's deadline, since sshd may be restarting. Where it has health checks, and
 * where a person is to say yes, the host is kept waiting meanwhile. Whatever comes of it, the host's own end is what counts.
 */
export async function confirm(run: ActivationRun, waiting: WaitingHost, standing: TransactionStanding): Promise<void> {
  const { plan, ports } = run;
  const asks = plan.policies.confirm === 'ask' && !ports.signal.aborted;
  const isKept = asks || checksFor('after', plan.checks).length > 0;
  const judged = isKept ? await judge(run, waiting, asks) : 'yes';
  if (judged === undefined) return;
  // Whoever was waited for kept the host waiting until now.
  const leftMs =
    isKept || standing.secondsLeft === undefined ? plan.limits.confirmTimeoutMs : standing.secondsLeft * 1000;
  const no = typeof judged === 'object' ? judged : 'aborted';
  const say = () => sayOnce(run, waiting, judged === 'yes' && !ports.signal.aborted ? 'confirmed' : no);
  const byYou = asks && typeof judged === 'string' && ({ byYou: judged === 'yes' ? 'confirmed' : 'refused' } as const);
  const wish = typeof judged === 'object' && ({ wish: 'aborted' } as const);
  await sayLast(run, waiting, { leftMs, say, ...wish, ...byYou });
}

/** Says the last word, over new connections until the host's deadline, and tells what the host made of it. */
export async function sayLast(
  run: ActivationRun,
  { reach }: Pick<Waiting, 'reach'>,
  word: {
    readonly say: () => Promise<Decision>;
    /** Until the host's deadline. */
    readonly leftMs: number;
    /** Ends it before. */
    readonly until?: AbortSignal;
    /** What it asks for; `confirmed` unless told. */
    readonly wish?: 'aborted';
    /** Whether it is a person's word. */
    readonly byYou?: 'confirmed' | 'refused';
  },
): Promise<void> {
  const { narration, plan, ports } = run;
  const { say, leftMs, until } = word;
  const options = { deadlineMs: performance.now() + leftMs, onFailure: reach.unproven, ...(until && { until }) };
  try {
    const decision = await overNewConnections(run, options, say);
    // Its way back brings back the way in.
    if (decision !== 'expired') reach.again();
    if (word.byYou !== undefined) narration.note(`${word.byYou} by you; the host says: ${saying(decision)}`);
    else if (decision !== (word.wish ?? 'confirmed')) narration.note(`not confirmed: ${saying(decision)}`, 'warning');
  } catch (error) {
    if (until?.aborted === true) return;
    const problem = problemOf(error);
    const { reason } = ports.explain(problem, plan.host.name);
    narration.note(
      isRefusal(problem.code)
        ? `no new connection: ${reason}; unconfirmed, the host puts itself back`
        : `not confirmed: ${saying('expired')}`,
      'warning',
    );
  }
}

/**
 * Does the work, which opens a connection of its own, again and again until the deadline; tells what fails meanwhile.
 * Throws what failed last, and at once a login that is refused (to try again would only be punished) and a host key that
 * is not the host's.
 */
async function overNewConnections<T>(
  { ports, plan }: FollowingRun,
  {
    deadlineMs,
    onFailure,
    until,
  }: { readonly deadlineMs: number; readonly onFailure: (reason: string) => void; readonly until?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await toldIfSlow(onFailure, work);
    } catch (error) {
      const problem = problemOf(error);
      const isHopeless = isRefusal(problem.code) || until?.aborted === true;
      if (isHopeless || performance.now() + 1000 > deadlineMs) throw error;
      onFailure(ports.explain(problem, plan.host.name).reason);
      await pause(1000);
    }
  }
}

/** A packet filter that drops what comes gives no answer at all: the first failure would be told minutes later. */
export async function toldIfSlow<T>(tell: (reason: string) => void, work: () => Promise<T>): Promise<T> {
  const slow = setTimeout(() => tell(`no answer within ${duration(slowMs)}`), slowMs);
  try {
    return await work();
  } finally {
    clearTimeout(slow);
  }
}

/** Makes sure that a host which has put itself back can be logged in to anew, however its connections stood before. */
export async function proveWayIn(run: FollowingRun): Promise<void> {
  const { host, limits } = run.plan;
  const deadlineMs = performance.now() + limits.confirmTimeoutMs;
  let told = false;
  const onFailure = (reason: string): void => {
    if (!told) run.narration.note(`it says that it is back; no new connection yet: ${reason}`, 'warning');
    told = true;
  };
  const options = { timeoutMs: limits.connectTimeoutMs, signal: new AbortController().signal };
  const session = await overNewConnections(run, { deadlineMs, onFailure }, () => run.ports.connect(host, options));
  await session.close();
}

const slowMs = 10_000;

/** Opens a connection of its own for one word: neither the standing one nor a shared one would prove anything. */
export async function sayOnce(
  run: FollowingRun,
  { deployment, facts }: Pick<Waiting, 'deployment' | 'facts'>,
  word: Word,
): Promise<Decision> {
  const { host, limits } = run.plan;
  const timeoutMs = limits.connectTimeoutMs;
  const session = await run.ports.connect(host, { timeoutMs, signal: new AbortController().signal });
  try {
    const { decided } = await decide(session, deployment, facts, word);
    return decided;
  } finally {
    await session.close();
  }
}

/**
 * Runs the host's checks, and then asks the person who is to say yes, while the host's deadline is moved again and again;
 * its cap still ends the wait. Gives nothing where the host was decided otherwise before (by its cap, or from elsewhere),
 * and where it lets nobody in anew, so that no word could be said.
 */
async function judge(
  run: ActivationRun,
  waiting: WaitingHost,
  asks: boolean,
): Promise<'yes' | 'no' | { readonly aborted: Problem<'check-failed'> } | undefined> {
  const { limits, host } = run.plan;
  const over = new AbortController();
  let isDecided = false;
  let isRefused = false;
  const kept = keepWaiting({
    say: (word) => sayOnce(run, waiting, word),
    extendMs: limits.confirmTimeoutMs,
    leftMs: limits.confirmCapMs,
    until: over.signal,
    onFailure: (error) => {
      const problem = problemOf(error);
      const { reason } = run.ports.explain(problem, host.name);
      isRefused = isRefusal(problem.code);
      if (isRefused) {
        run.narration.note(`no new connection: ${reason}; unconfirmed, the host puts itself back`, 'warning');
        over.abort();
      } else run.narration.note(`could not ask the host to wait longer: ${reason}`, 'warning');
      return limits.confirmTimeoutMs / 3;
    },
    onEnd: () => {
      isDecided = true;
      over.abort();
    },
  });
  const signal = AbortSignal.any([run.ports.signal, over.signal]);
  try {
    const failed = await checksAfter(run, waiting, signal);
    const yes = failed === undefined && (!asks || (await run.ports.askPerson(host.name, signal)));
    if (isRefused) return undefined;
    if (isDecided) {
      run.narration.note(`decided already: ${saying(kept.decided)}`, 'warning');
      return undefined;
    }
    if (failed !== undefined) return { aborted: failed };
    return yes ? 'yes' : 'no';
  } finally {
    over.abort();
  }
}

function saying(decision: Decision): string {
  switch (decision) {
    case 'elsewhere':
      return 'another machine, or another boot of it, answered at this address';
    case 'expired':
      return 'its deadline has passed, it puts itself back';
    case 'undecided':
      return 'the host does not wait any more';
    default:
      return decision;
  }
}
