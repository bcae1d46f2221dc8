import type { HostResult } from '../core/event.ts';
import type { FlakeHere } from './against-flake.ts';
import { type HostsPlan, onEachHost } from './each-host.ts';
import type { CheckPorts } from './ports.ts';
import { statusOfHost } from './status.ts';

/** What `flurry status` looks at, and the flake with which it compares that. */
export interface StatusPlan extends HostsPlan {
  readonly flake?: FlakeHere;
}

/** Looks how hosts stand, side by side, and changes nothing on any. Emits what it saw of each host; never throws. */
export async function statusOfFleet(plan: StatusPlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  return await onEachHost(plan, ports, { verdictOf: () => 'unreachable', slot: 'work' }, (session, task) =>
    statusOfHost(session, task, plan.flake),
  );
}
