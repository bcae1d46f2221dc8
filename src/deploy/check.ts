import type { CheckPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import { observe } from '../host/observe.ts';
import type { HostTask } from './each-host.ts';
import { judgeHealth } from './judge.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { remarksOn } from './remarks.ts';

/** One host's part of a check. */
export type HostCheck = HostTask<CheckPlan['hosts'][number]>;

/** Judges a host's health from one look, and changes nothing on it. Throws what `observe` throws. */
export async function checkHost(session: Session, check: HostCheck): Promise<Outcome> {
  const { ports, narration, limits, gates, host } = check;
  return await narration.stage('observe', async () => {
    const facts = await observe(session, { limits }, ports.signal, (what) => narration.note(`${what}; waiting`));
    const [worst, ...others] = judgeHealth(facts, gates);
    for (const other of others) narration.note(`also: ${ports.explain(other, host.name).reason}`, 'warning');
    if (facts.noPrivilege !== undefined) {
      const { reason } = ports.explain(facts.noPrivilege, host.name);
      narration.note(`a deploy would be refused: ${reason}; what to do: flurry --help privilege`, 'warning');
    }
    if (facts.switchUnderWay !== undefined) narration.note(`a switch is under way: ${facts.switchUnderWay}`);
    for (const remark of remarksOn(facts)) narration.note(`it ${remark}`, 'warning');
    if (worst !== undefined) return { verdict: 'unhealthy', problem: worst, ...lastSeen(facts) };
    return { verdict: 'healthy', said: healthySaying(facts.systemState, facts.failedUnits), ...lastSeen(facts) };
  });
}

function healthySaying(state: string, failedUnits: readonly string[]): string {
  return failedUnits.length === 0 ? `systemd says ${state}` : `${state}, as allowed: ${failedUnits.join(', ')}`;
}
