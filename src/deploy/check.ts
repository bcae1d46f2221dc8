import type { HostFacts } from '../core/facts.ts';
import type { CheckPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { observe } from '../host/observe.ts';
import type { HostTask } from './each-host.ts';
import { followingRun } from './join-host.ts';
import { judgeHealth } from './judge.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { remarksOn } from './remarks.ts';
import { problemOfChecks, runChecks } from './run-checks.ts';

/** One host's part of a check. */
export type HostCheck = HostTask<CheckPlan['hosts'][number]>;

/**
 * Judges a host's health from one look, and by all checks that the flake declares for it; changes nothing on it. Throws
 * what `observe` throws, and connection-lost.
 */
export async function checkHost(session: Session, check: HostCheck): Promise<Outcome> {
  const { ports, narration, limits, gates, host, checks = [] } = check;
  const { facts, worst } = await narration.stage('observe', async () => {
    const facts = await observe(session, { limits }, ports.signal, (what) => narration.note(`${what}; waiting`));
    const [worst, ...others] = judgeHealth(facts, gates);
    for (const other of others) narration.note(`also: ${ports.explain(other, host.name).reason}`, 'warning');
    if (facts.noPrivilege !== undefined) {
      const { reason } = ports.explain(facts.noPrivilege, host.name);
      narration.note(`a deploy would be refused: ${reason}; what to do: flurry --help privilege`, 'warning');
    }
    if (facts.switchUnderWay !== undefined) narration.note(`a switch is under way: ${facts.switchUnderWay}`);
    for (const remark of remarksOn(facts)) narration.note(`it ${remark}`, 'warning');
    return { facts, worst };
  });
  const failed =
    checks.length === 0 ? undefined : await narration.stage('verify', () => failing(session, check, facts));
  if (worst !== undefined && failed !== undefined) {
    narration.note(`also: ${ports.explain(failed, host.name).reason}`, 'warning');
  }
  const problem = worst ?? failed;
  if (problem !== undefined) return { verdict: 'unhealthy', problem, ...lastSeen(facts) };
  return { verdict: 'healthy', said: healthySaying(facts, checks.length), ...lastSeen(facts) };
}

/** Runs all checks, whenever they are meant for. */
async function failing(
  session: Session,
  { checks = [], ...task }: HostCheck,
  { privilege }: HostFacts,
): Promise<Problem<'check-failed'> | undefined> {
  const { signal } = task.ports;
  const checked = await runChecks(followingRun(task), checks, {
    // Whoever only looks does not look for a host that it has lost.
    contact: { persist: (work) => work(session) },
    ...{ findMs: 0, shell: privilege === 'root' || privilege === 'none' ? 'user' : 'root' },
    ...{ root: privilege === 'none' ? 'no' : 'yes', until: 'all-ended', signal },
  });
  signal.throwIfAborted();
  return checked.kind === 'failed' ? problemOfChecks(checked.failed, 'looked-at') : undefined;
}

function healthySaying({ systemState, failedUnits }: HostFacts, checks: number): string {
  const state =
    failedUnits.length === 0 ? `systemd says ${systemState}` : `${systemState}, as allowed: ${failedUnits.join(', ')}`;
  return checks === 0 ? state : `${state}; ${checks === 1 ? 'its check passes' : `its ${checks} checks pass`}`;
}
