import type { HostResult } from '../core/event.ts';
import type { Problem } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { attachHost } from './attach-host.ts';
import { type HostsPlan, onEachHost } from './each-host.ts';
import { isUnreachable } from './outcome.ts';
import type { CheckPorts } from './ports.ts';

/** What `flurry attach` does on each of the hosts. */
export interface AttachPlan extends HostsPlan {
  /** The deployment that is wanted; without it the one under way, else the last one. */
  readonly id?: string;
}

/** Joins what goes on on the hosts, all at once, and waits for the verdict of each. Emits what happens; never throws. */
export async function attachFleet(plan: AttachPlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  const { id } = plan;
  return await onEachHost(plan, ports, { verdictOf, slot: 'connect' }, (session, task) =>
    attachHost(session, { ...task, ...(id === undefined ? {} : { id }) }),
  );
}

function verdictOf(problem: Problem): Verdict | undefined {
  if (problem.code === 'nothing-to-join') return 'refused';
  return isUnreachable(problem) ? 'unreachable' : undefined;
}
