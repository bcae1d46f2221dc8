import type { HostResult } from '../core/event.ts';
import { type HostsPlan, onEachHost } from './each-host.ts';
import { historyOfHost } from './history.ts';
import type { CheckPorts } from './ports.ts';

/** What `flurry history` reads: the last deployments of each host. */
export interface HistoryPlan extends HostsPlan {
  readonly last: number;
}

/** Reads the histories of hosts, side by side, and changes nothing on any. Emits what it read of each host; never throws. */
export async function historyOfFleet(plan: HistoryPlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  const { last } = plan;
  const verdictOf = ({ code }: { readonly code: string }) => (code === 'no-privilege' ? 'refused' : 'unreachable');
  return await onEachHost(plan, ports, { verdictOf, slot: 'work' }, (session, task) =>
    historyOfHost(session, task, last),
  );
}
