import { shown } from '../core/explain/text.ts';
import type { HostFacts } from '../core/facts.ts';
import { activates, type Goal, setsBootDefault } from '../core/goal.ts';
import type { Session } from '../core/ports.ts';
import { type Problem, problemOf } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Deployment } from '../host/deployment.ts';
import { startTransaction, type TransactionStanding, type TransactionState } from '../host/transaction.ts';
import { confirmWithAll, passGate } from './all-or-nothing.ts';
import { confirm, sayOnce } from './confirm.ts';
import { failedOutcome, inDoubt } from './failed-outcome.ts';
import type { ActivationRun } from './host.ts';
import type { HostLink } from './link.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { failedFirst, othersFailed } from './part.ts';
import { longest, untilOut, type Watching } from './watch.ts';

/** A specialisation: a system of its own, while its parent is what the host keeps in its profile and boots. */
export interface Specialised {
  readonly name: string;
  readonly toplevel: string;
}

export interface Activation {
  readonly goal: Goal;
  /** The new system is only to be booted once, and stays what the host does not boot by default. */
  readonly trial?: 'yes' | undefined;
  /** It is known that the running system cannot become the new one. */
  readonly inhibited?: 'yes' | undefined;
  readonly deployment: Deployment;
  readonly facts: HostFacts;
  readonly toplevel: string;
  /** The specialisation of it that is to run, where one is. */
  readonly specialised?: Specialised | undefined;
  /** Looks at the host once more where somebody else has held it meanwhile. Throws what forbids to go on. */
  readonly lookAgain: (session: Session) => Promise<HostFacts>;
  readonly leaveSlot: () => void;
}

/**
 * Starts the host's transaction and watches it to its end: gate → test → verify → promote. The host decides; we tell
 * which phase it is in, and confirm when it waits. The outcome is the host's own; where contact is lost for good it is
 * `in-doubt`, and the host puts itself back unless it was confirmed. Throws what kept it from beginning.
 */
export async function activate(link: HostLink, run: ActivationRun, activation: Activation): Promise<Outcome> {
  const watching: Watching = { ...activation, ...link };
  link.reach.begun(activation);
  try {
    await begin(run, watching);
  } catch (error) {
    const { code } = problemOf(error);
    if (code === 'contact-lost') return inDoubt(error);
    // It may have started all the same; what it does is asked below.
    if (code !== 'answer-timeout') throw error;
  }
  const stopAborting = abortOnSignal(run, watching);
  try {
    const standing = await phasesOf(run, watching);
    if (setsBootDefault(activation.goal) && activation.trial !== 'yes' && standing.bootDefault.loader === 'unknown') {
      run.narration.note('its boot loader is none that flurry can read: the boot entry was not verified', 'warning');
    }
    const verdict = standing.end?.verdict ?? 'in-doubt';
    const said = [saying(verdict, activation), ...warnings(standing, run)].join('; ');
    return { verdict, said, ...lastSeen(standing) };
  } catch (error) {
    run.together?.fail({ kind: 'host', host: run.plan.host.name });
    return await failedOutcome(error, run, {
      ...watching,
      because: (problem, verdict) => stoppedForOthers(problem, verdict, run),
    });
  } finally {
    stopAborting();
  }
}

function saying(verdict: Verdict, { trial, specialised }: Activation): string {
  const once = 'boots it once at its next boot, and then again what it booted before';
  const what = specialised === undefined ? 'it' : `its specialisation ${shown(specialised.name, 64)}`;
  switch (verdict) {
    case 'previewed':
      return 'previewed: nothing was changed';
    case 'tested':
      return trial === 'yes' ? `runs it; ${once}` : `runs ${what}; boots what it booted before`;
    case 'staged':
      return trial === 'yes' ? once : 'boots it next, untested: it will first run then, with no net under it';
    case 'promoted':
      return specialised === undefined ? 'runs and boots it' : `runs ${what}; boots it without that`;
    default:
      return verdict;
  }
}

/** Tells which units failed under the new system and were let pass, as asked by --on-unit-failure warn. */
function warnings({ end }: TransactionStanding, { narration }: ActivationRun): readonly string[] {
  const units = end?.fields.all('warned-unit') ?? [];
  if (units.length === 0) return [];
  const words = `failed under the new system, and let pass as asked: ${units.join(', ')}`;
  narration.note(words, 'warning');
  return [words];
}

async function phasesOf(run: ActivationRun, watching: Watching): Promise<TransactionStanding> {
  const { goal, leaveSlot } = watching;
  const { stage } = run.narration;
  const out = (...states: readonly TransactionState[]) => untilOut(run, watching, states);
  if (goal === 'dry-activate') return await stage('preview', () => out('locked', 'gating', 'previewing'));
  const { together } = run;
  await stage('gate', async () => {
    const standing = await out('locked', 'gating', ...(together === undefined ? (['armed'] as const) : []));
    if (together === undefined) return standing;
    leaveSlot();
    return await passGate(run, watching, together, { standing, untilLeft: () => out('gated', 'armed') });
  });
  if (!activates(goal)) return await stage('promote', () => out('promoting'));
  await stage('test', () => out('testing'));
  const verified = await stage('verify', async () => {
    const standing = await out('verifying');
    const untilLeft = () => out('waiting');
    if (together !== undefined) return await confirmWithAll(run, watching, together, { standing, untilLeft });
    if (standing.state !== 'waiting') return standing;
    // One person answers for many hosts, one after the other.
    if (run.plan.policies.confirm === 'ask') leaveSlot();
    await confirm(run, watching, standing);
    return await untilLeft();
  });
  return goal === 'test' ? verified : await stage('promote', () => out('promoting'));
}

/** Throws as `startTransaction`, and contact-lost or answer-timeout: then it is not known whether it started. */
async function begin(run: ActivationRun, watching: Watching): Promise<void> {
  const { policies, gates, selfCheck, limits, installBootloader } = run.plan;
  const { toplevel, specialised, facts, deployment, goal, trial, inhibited, contact, lookAgain } = watching;
  const request = {
    toplevel,
    runs: specialised?.toplevel,
    installBootloader,
    goal,
    trial,
    inhibited,
    policies,
    gates,
    ...(selfCheck === undefined ? {} : { selfCheck }),
  };
  const giveUpAt = performance.now() + limits.waitLockMs;
  for (let { running } = facts; ; ) {
    run.ports.signal.throwIfAborted();
    try {
      const start = (over: Session) => startTransaction(over, deployment, { ...request, running });
      return await contact.persist(start, longest(limits));
    } catch (error) {
      // Somebody who came later and was faster. The host may run another system once they are done.
      if (problemOf(error).code !== 'locked' || performance.now() >= giveUpAt) throw error;
      ({ running } = await contact.once(lookAgain));
    }
  }
}

/**
 * An interrupted run, and one in which another host has failed, aborts what is not confirmed yet; the host's verdict is
 * still waited for. Returns how to stop.
 */
function abortOnSignal(run: ActivationRun, watching: Watching): () => void {
  const { signal } = run.ports;
  const { name } = run.plan.host;
  const abort = (): void => {
    if (run.together?.committed === true) {
      run.narration.note('too late: all hosts are being confirmed; its verdict is awaited', 'warning');
      return;
    }
    const failed = failedFirst(run.together);
    // It has ended by itself, and needs no word.
    if (failed === name) return;
    const otherwise = run.together?.failure?.kind === 'refused' ? 'refused by you' : 'interrupted';
    const why = failed === undefined ? otherwise : `${failed} did not make it`;
    run.narration.note(`${why}: asking the host to put itself back, and waiting for its verdict`, 'warning');
    const saidNo = sayOnce(run, watching, failed === undefined ? 'aborted' : 'dismissed').then((decision) => {
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

/** A host that was only told to stop says no more than that: why is known here. */
function stoppedForOthers(problem: Problem, verdict: Verdict, { plan, together }: ActivationRun): Problem {
  if (!['others-failed', 'not-released', 'not-confirmed'].includes(problem.code)) return problem;
  const left = verdict === 'rolled-back' ? 'put-back' : 'untouched';
  return othersFailed(together, plan.host.name, left) ?? problem;
}
