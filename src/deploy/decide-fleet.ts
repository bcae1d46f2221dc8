import type { HostResult } from '../core/event.ts';
import type { Problem } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { decideHost } from './decide-host.ts';
import { type HostsPlan, onEachHost } from './each-host.ts';
import { isUnreachable } from './outcome.ts';
import type { CheckPorts } from './ports.ts';

/** What `flurry confirm` and `flurry abort` do: one word for what is under way on each of the hosts. */
export interface DecidePlan extends HostsPlan {
  readonly word: 'confirm' | 'abort';
}

/** Says the word to the hosts side by side, and waits for the verdict of each. Emits what happens; never throws. */
export async function decideFleet(plan: DecidePlan, ports: CheckPorts): Promise<readonly HostResult[]> {
  return await onEachHost(plan, ports, { verdictOf, slot: 'work' }, (session, task) =>
    decideHost(session, { ...task, word: plan.word }),
  );
}

/** Nothing was said to these hosts; what goes on there, goes on. */
function verdictOf(problem: Problem): Verdict | undefined {
  if (problem.code === 'nothing-to-decide') return 'refused';
  return isUnreachable(problem) ? 'unreachable' : undefined;
}
