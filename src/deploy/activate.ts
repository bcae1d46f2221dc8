import type { HostFacts } from '../core/facts.ts';
import { activates, type Goal, setsBootDefault } from '../core/goal.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import type { Deployment } from '../host/deployment.ts';
import type { JournalFollower } from '../host/journal.ts';
import { startTransaction, type TransactionStanding, type TransactionState } from '../host/transaction.ts';
import { confirm, proveWayIn, sayOnce } from './confirm.ts';
import { type Contact, contactWith } from './contact.ts';
import { problemOfEnd } from './ended-problem.ts';
import type { HostRun } from './host.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { observeHost } from './phases.ts';
import type { Reach } from './reach.ts';
import { TransactionFailed, untilEnded, untilOut } from './watch.ts';

export interface Activation {
  readonly deployment: Deployment;
  readonly facts: HostFacts;
  readonly toplevel: string;
  readonly journal: JournalFollower;
  readonly reach: Reach;
  readonly leaveSlot: () => void;
}

/**
 * Starts the host's transaction and watches it to its end: gate → test → verify → promote. The host decides; we tell
 * which phase it is in, and confirm when it waits. The outcome is the host's own; where contact is lost for good it is
 * `in-doubt`, and the host puts itself back unless it was confirmed.
 */
export async function activate(session: Session, run: HostRun, activation: Activation): Promise<Outcome> {
  await begin(session, run, activation).catch((error: unknown) => {
    const { code } = problemOf(error);
    // It may have started all the same: the host is found again below, and says.
    if (code !== 'connection-lost' && code !== 'answer-timeout') throw error;
  });
  const contact = contactWith(session, {
    host: run.plan.host,
    connect: run.ports.connect,
    connectTimeoutMs: run.plan.limits.connectTimeoutMs,
    reach: activation.reach,
    onFound: (found) => activation.journal.follow(found),
  });
  const stopAborting = abortOnSignal(run, activation);
  try {
    const standing = await phasesOf(run.plan.goal, contact, run, activation);
    if (setsBootDefault(run.plan.goal) && standing.bootDefault.loader === 'unknown') {
      run.narration.note('its boot loader is none that flurry can read: the boot entry was not verified', 'warning');
    }
    const said = [sayings[run.plan.goal], ...warnings(standing, run)].join('; ');
    return { verdict: standing.end?.verdict ?? 'in-doubt', said, ...lastSeen(standing) };
  } catch (error) {
    return await failed(error, contact, run, activation).catch((lost: unknown) => inDoubt(lost));
  } finally {
    stopAborting();
    await contact.close();
  }
}

const sayings = {
  build: 'built',
  'dry-activate': 'previewed: nothing was changed',
  test: 'runs it; boots what it booted before',
  boot: 'boots it next, untested: it will first run then, with no net under it',
  promote: 'runs and boots it',
} as const;

/** Tells which units failed under the new system and were let pass, as asked by --on-unit-failure warn. */
function warnings({ end }: TransactionStanding, { narration }: HostRun): readonly string[] {
  const units = end?.fields.all('warned-unit') ?? [];
  if (units.length === 0) return [];
  const words = `failed under the new system, and let pass as asked: ${units.join(', ')}`;
  narration.note(words, 'warning');
  return [words];
}

async function phasesOf(
  goal: Goal,
  contact: Contact,
  run: HostRun,
  activation: Activation,
): Promise<TransactionStanding> {
  const { stage } = run.narration;
  const out = (...states: readonly TransactionState[]) => untilOut(contact, run, activation, states);
  if (goal === 'dry-activate') return await stage('preview', () => out('locked', 'gating', 'previewing'));
  await stage('gate', () => out('locked', 'gating', 'armed'));
  if (!activates(goal)) return await stage('promote', () => out('promoting'));
  await stage('test', () => out('testing'));
  const verified = await stage('verify', async () => {
    const standing = await out('verifying');
    if (standing.state !== 'waiting') return standing;
    // One person answers for many hosts, one after the other.
    if (run.plan.policies.confirm === 'ask') activation.leaveSlot();
    await confirm(run, activation, standing);
    return await out('waiting');
  });
  return goal === 'test' ? verified : await stage('promote', () => out('promoting'));
}

/** Throws as `startTransaction`; where contact is lost at this very moment, it is not known whether it started. */
async function begin(session: Session, run: HostRun, activation: Activation): Promise<void> {
  const { goal, policies, gates, selfCheck, limits } = run.plan;
  const { toplevel, facts, deployment } = activation;
  const request = {
    toplevel,
    goal,
    policies,
    gates,
    ...(selfCheck === undefined ? {} : { selfCheck }),
  };
  const giveUpAt = performance.now() + limits.waitLockMs;
  for (let { running } = facts; ; ) {
    try {
      return await startTransaction(session, deployment, { ...request, running }, run.ports.signal);
    } catch (error) {
      // Somebody who came later and was faster. The host may run another system once they are done.
      if (problemOf(error).code !== 'locked' || performance.now() >= giveUpAt) throw error;
      ({ running } = (await observeHost(session, run)).facts);
    }
  }
}

/** An interrupted run aborts what is not confirmed yet; the host's verdict is still waited for. Returns how to stop. */
function abortOnSignal(run: HostRun, activation: Activation): () => void {
  const { signal } = run.ports;
  const abort = (): void => {
    run.narration.note('interrupted: asking the host to put itself back, and waiting for its verdict', 'warning');
    const saidNo = sayOnce(run, activation, 'aborted').then((decision) => {
      if (decision === 'confirmed') {
        run.narration.note('too late: it was confirmed and is promoting; its verdict is awaited', 'warning');
      }
    });
    saidNo.catch((error: unknown) => {
      const { reason } = run.ports.explain(problemOf(error), run.plan.host.name);
      run.narration.note(`could not ask it: ${reason}; unconfirmed, the host puts itself back`, 'warning');
    });
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

/** What a host says that did not make it, once it is back where it was. */
async function failed(error: unknown, contact: Contact, run: HostRun, activation: Activation): Promise<Outcome> {
  if (!(error instanceof TransactionFailed)) return inDoubt(error);
  const { standing, tail } = error;
  const { narration } = run;
  const ended =
    standing.end === undefined
      ? await narration.stage('rollback', () => untilEnded(contact, run, activation, standing.state ?? 'rolling-back'))
      : standing;
  if (ended.end === undefined) throw new FlurryError({ code: 'transaction-unknown', state: ended.state ?? 'unknown' });
  const problem = problemOfEnd(ended.end, { toplevel: activation.toplevel, tail });
  const { verdict } = ended.end;
  if (verdict !== 'rolled-back') return { verdict, problem, ...lastSeen(ended) };
  return await proveWayIn(run).then(
    () => ({ verdict, problem, ...lastSeen(ended) }),
    (lost: unknown) => lockedOut(lost, problem, run, ended),
  );
}

/** It runs what it ran before, and nobody can log in to it all the same. */
function lockedOut(lost: unknown, { code }: Problem, run: HostRun, ended: TransactionStanding): Outcome {
  const said = run.ports.explain(problemOf(lost), run.plan.host.name).reason;
  return { verdict: 'in-doubt', problem: { code: 'no-way-in', because: code, said }, ...lastSeen(ended) };
}

function inDoubt(error: unknown): Outcome {
  return { verdict: 'in-doubt', problem: problemOf(error) };
}
