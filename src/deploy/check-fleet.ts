import type { HostResult } from '../core/event.ts';
import type { CheckPlan } from '../core/plan.ts';
import { checkHost } from './check.ts';
import { onEachHost } from './each-host.ts';
import type { CheckPorts } from './ports.ts';

/** Checks hosts side by side and changes nothing on any. Emits what happens to each host; never throws. */
export async function checkFleet(plan: CheckPlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  return await onEachHost(plan, ports, { verdictOf: () => 'unreachable', slot: 'work' }, checkHost);
}
