import { setTimeout as pause } from 'node:timers/promises';
import { duration } from '../core/explain/quantity.ts';
import { problemOf } from '../core/problem.ts';
import { type Decision, decide, type TransactionStanding } from '../host/transaction.ts';
import type { ActivationRun } from './host.ts';
import type { Watching } from './watch.ts';

/** A host that waits to be confirmed. */
export type Waiting = Pick<Watching, 'deployment' | 'facts' | 'reach'>;

/**
 * Confirms a tested system over a new connection, which proves that this very host can still be reached and logged in
 * to: it is made again and again until the host's deadline, since sshd may be restarting. Where a person is to say yes,
 * the host is kept waiting meanwhile. Whatever comes of it, the host's own end is what counts.
 */
export async function confirm(run: ActivationRun, waiting: Waiting, standing: TransactionStanding): Promise<void> {
  const { narration, plan, ports } = run;
  const asks = plan.policies.confirm === 'ask' && !ports.signal.aborted;
  const yes = asks ? await askPerson(run, waiting) : true;
  if (yes === undefined) return;
  // Whoever was waited for kept the host waiting until now.
  const leftMs =
    asks || standing.secondsLeft === undefined ? plan.limits.confirmTimeoutMs : standing.secondsLeft * 1000;
  const deadlineMs = performance.now() + leftMs;
  const say = () => sayOnce(run, waiting, yes && !ports.signal.aborted ? 'confirmed' : 'aborted');
  try {
    const decision = await overNewConnections(run, { deadlineMs, onFailure: waiting.reach.unproven }, say);
    // Its way back brings back the way in.
    if (decision !== 'expired') waiting.reach.again();
    if (asks) narration.note(`${yes ? 'confirmed' : 'refused'} by you; the host says: ${saying(decision)}`);
    else if (decision !== 'confirmed') narration.note(`not confirmed: ${saying(decision)}`, 'warning');
  } catch (error) {
    const problem = problemOf(error);
    const { reason } = ports.explain(problem, plan.host.name);
    narration.note(
      problem.code === 'authentication-failed'
        ? `no new connection: ${reason}; unconfirmed, the host puts itself back`
        : `not confirmed: ${saying('expired')}`,
      'warning',
    );
  }
}

/**
 * Does the work, which opens a connection of its own, again and again until the deadline; tells what fails meanwhile.
 * Throws what failed last, and a login that is refused at once: to try again would only be punished.
 */
async function overNewConnections<T>(
  { ports, plan }: ActivationRun,
  { deadlineMs, onFailure }: { readonly deadlineMs: number; readonly onFailure: (reason: string) => void },
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    // A packet filter that drops what comes gives no answer at all: the first failure would be told minutes later.
    const slow = setTimeout(() => onFailure(`no answer within ${duration(slowMs)}`), slowMs);
    try {
      return await work();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'authentication-failed' || performance.now() + 1000 > deadlineMs) throw error;
      onFailure(ports.explain(problem, plan.host.name).reason);
      await pause(1000);
    } finally {
      clearTimeout(slow);
    }
  }
}

/** Makes sure that a host which has put itself back can be logged in to anew, however its connections stood before. */
export async function proveWayIn(run: ActivationRun): Promise<void> {
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
  run: ActivationRun,
  { deployment, facts }: Pick<Waiting, 'deployment' | 'facts'>,
  word: Parameters<typeof decide>[3],
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

const renewEveryMs = 15_000;

/**
 * Waits for the person's word, and moves the host's deadline again and again meanwhile; its cap still ends the wait.
 * Gives nothing where the host was decided otherwise before: by its cap, or from elsewhere.
 */
async function askPerson(run: ActivationRun, waiting: Waiting): Promise<boolean | undefined> {
  const { limits, host } = run.plan;
  const over = new AbortController();
  let decided: Decision = 'undecided';
  const renew = async (): Promise<void> => {
    while (!over.signal.aborted && decided === 'undecided') {
      try {
        decided = await sayOnce(run, waiting, { extendMs: limits.confirmTimeoutMs });
      } catch (error) {
        const { reason } = run.ports.explain(problemOf(error), host.name);
        run.narration.note(`could not ask the host to wait longer: ${reason}`, 'warning');
      }
      const everyMs = Math.min(renewEveryMs, limits.confirmTimeoutMs / 3);
      await pause(everyMs, undefined, { signal: over.signal }).catch(() => {}); // the person has answered
    }
    over.abort();
  };
  const renewing = renew();
  try {
    const yes = await run.ports.askPerson(host.name, AbortSignal.any([run.ports.signal, over.signal]));
    if (decided === 'undecided') return yes;
    run.narration.note(`decided already: ${saying(decided)}`, 'warning');
    return undefined;
  } finally {
    over.abort();
    await renewing;
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
