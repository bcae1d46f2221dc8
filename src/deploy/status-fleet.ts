import type { HostResult } from '../core/event.ts';
import { type HostsPlan, onEachHost } from './each-host.ts';
import type { CheckPorts } from './ports.ts';
import { statusOfHost } from './status.ts';

/** Looks how hosts stand, side by side, and changes nothing on any. Emits what it saw of each host; never throws. */
export async function statusOfFleet(plan: HostsPlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  return await onEachHost(plan, ports, { verdictOf: () => 'unreachable', slot: 'work' }, statusOfHost);
}
