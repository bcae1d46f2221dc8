import type { HostFacts } from '../core/facts.ts';
import { activates } from '../core/goal.ts';
import { type Problem, problemOf } from '../core/problem.ts';
import type { Deployment } from '../host/deployment.ts';
import { checksInNewBoot } from './checks-of-host.ts';
import type { HostRun } from './host.ts';
import { isSettled, lastSeen, type Outcome } from './outcome.ts';
import { promoteTried } from './promote-tried.ts';
import { rebootOnce } from './reboot-once.ts';

export interface Rebooting {
  readonly deployment: Deployment;
  readonly configuration: string;
  readonly toplevel: string;
  /** The host as it was before the deployment. */
  readonly before: HostFacts;
  /** `yes`: the new system is booted this once, and becomes the boot default when it has proved itself. */
  readonly trial: 'yes' | 'no';
  /** What the deployment has come to up to here. */
  readonly reached: Outcome;
}

/**
 * Reboots a host whose boot loader has been prepared, and looks whether what came up is the new system, and well. A trial
 * is then promoted, by a second transaction on the host; one that is not well is rebooted into what the host boots by
 * default, which is still the old system. Waits for one of the run's slots for reboots; interrupted before that, it
 * reboots nothing, and the outcome is what was reached.
 */
export async function rebootHost(run: HostRun, rebooting: Rebooting): Promise<Outcome> {
  return await run.inRebootSlot(async () => {
    const { reached } = rebooting;
    if (run.ports.signal.aborted) {
      run.narration.note('interrupted: it is not rebooted', 'warning');
      return { ...reached, said: `${reached.said ?? reached.verdict}; it was not rebooted: interrupted` };
    }
    // From here on it is waited for, whatever comes.
    const { signal: interrupted } = run.ports;
    return await rebootAndJudge({ ...run, ports: { ...run.ports, signal: never } }, { ...rebooting, interrupted });
  });
}

type Begun = Rebooting & { readonly interrupted: AbortSignal };

async function rebootAndJudge(run: HostRun, rebooting: Begun): Promise<Outcome> {
  const { before, toplevel: expected, trial, deployment, reached } = rebooting;
  const { bootId, machineId } = before;
  const { running, bootDefault } = reached;
  const seen = { ...(running !== undefined && { running }), ...(bootDefault !== undefined && { bootDefault }) };
  const from = { bootId, machineId, ...seen };
  let facts: HostFacts;
  try {
    facts = await rebootOnce(run, { from, expected, trial, shell: deployment.shell });
  } catch (error) {
    return lost(error, rebooting);
  }
  if (facts.running !== expected || facts.booted !== expected) return inAnother(facts, rebooting);
  let unwell: Problem | undefined;
  try {
    unwell = unwellness(facts, run, rebooting) ?? (await checksInNewBoot(run, deployment, trial));
  } catch (error) {
    return lost(error, rebooting);
  }
  if (unwell !== undefined) {
    if (trial === 'yes') return await rebootBack(run, rebooting, { facts, problem: unwell });
    return { verdict: 'in-doubt', problem: unwell, ...lastSeen(facts) };
  }
  if (trial === 'yes') {
    const problem = (await isWanted(run, rebooting)) ? undefined : notWanted;
    if (problem !== undefined) return await rebootBack(run, rebooting, { facts, problem });
    const promoted = await promoteTried(run, rebooting, facts);
    // As after any promotion that failed.
    const mustGoBack = promoted.verdict === 'failed' || promoted.verdict === 'refused';
    if (!mustGoBack || promoted.problem === undefined) return promoted;
    return await rebootBack(run, rebooting, { facts, problem: promoted.problem });
  }
  const { loader, toplevel: boots } = facts.bootDefault;
  if (loader !== 'unknown' && boots !== expected) return inAnother({ ...facts, running: boots }, rebooting);
  return { verdict: 'promoted', said: 'runs and boots it, which a reboot has shown', ...lastSeen(facts) };
}

/** Whatever is promised of the loader is still true, but nobody has seen it. */
function lost(error: unknown, { trial, before }: Rebooting): Outcome {
  const problem = problemOf(error);
  if (problem.code === 'changed-by-someone-else') return { verdict: 'in-doubt', problem };
  return {
    verdict: 'in-doubt',
    problem,
    ...(trial === 'yes' && before.bootDefault.toplevel !== '' ? { bootDefault: before.bootDefault.toplevel } : {}),
  };
}

function inAnother(facts: HostFacts, { toplevel: expected, trial, before }: Rebooting): Outcome {
  const problem = { code: 'booted-other-system', expected, found: facts.running, trial } as const;
  // Where the new one does not come up at all, the firmware or a watchdog has taken the default: the old one.
  const isBack = trial === 'yes' && isSettled(facts, before.bootDefault.toplevel);
  return { verdict: isBack ? 'rolled-back' : 'in-doubt', problem, ...lastSeen(facts) };
}

/** What is wrong with a host in its new boot that was not before; units are judged as after a test. */
function unwellness(facts: HostFacts, run: HostRun, { before, trial }: Rebooting): Problem | undefined {
  const { gates, policies } = run.plan;
  const state = facts.systemState;
  const known = [...before.failedUnits, ...gates.ignoreUnits];
  const units = facts.failedUnits.filter((unit) => !known.includes(unit));
  const isUp = state === 'running' || state === 'degraded';
  if (isUp && units.length === 0) return undefined;
  if (isUp && policies.onUnitFailure === 'warn') {
    run.narration.note(`failed after the reboot, and let pass as asked: ${units.join(', ')}`, 'warning');
    return undefined;
  }
  return { code: 'unwell-after-reboot', units, state, trial };
}

const notWanted: Problem = { code: 'not-confirmed', decidedBy: 'abort' };

/** Asks the person, where one is to say yes to what was tested, and this was the first that anybody saw of it. */
async function isWanted({ plan, ports, narration }: HostRun, { reached, interrupted }: Begun): Promise<boolean> {
  if (plan.policies.confirm !== 'ask' || !activates(plan.goal) || reached.verdict !== 'staged') return true;
  return await narration.stage('verify', () => ports.askPerson(plan.host.name, interrupted));
}

/** Ends a trial that has shown the new system to be no good: the old one, which is the boot default, is booted again. */
async function rebootBack(
  run: HostRun,
  { before, deployment }: Rebooting,
  { facts, problem }: { readonly facts: HostFacts; readonly problem: Problem },
): Promise<Outcome> {
  const { bootId, machineId } = facts;
  const expected = before.bootDefault.toplevel;
  run.narration.note('rebooting it once more, into what it boots by default', 'warning');
  try {
    const from = { bootId, machineId, ...lastSeen(facts) };
    const back = await rebootOnce(run, { from, expected, trial: 'no', shell: deployment.shell });
    if (isSettled(back, expected)) return { verdict: 'rolled-back', problem, ...lastSeen(back) };
    const other = { code: 'booted-other-system', expected, found: back.running, trial: 'no' } as const;
    return { verdict: 'in-doubt', problem: other, ...lastSeen(back) };
  } catch (error) {
    return { verdict: 'in-doubt', problem: problemOf(error), bootDefault: expected };
  }
}

const never = new AbortController().signal;
