import type { HostFacts } from '../core/facts.ts';
import { setsBootDefault } from '../core/goal.ts';
import type { HostPlan } from '../core/plan.ts';
import { FlurryError } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Built } from '../host/build.ts';
import type { SystemChange } from '../host/change.ts';
import type { Specialised } from './activate.ts';
import { isSettled } from './outcome.ts';
import { type WayForward, wayForward } from './way-forward.ts';

/** What is to be done with a host for which the new system is built. */
export type Decision =
  /** No more: that was the goal. */
  | { readonly kind: 'built' }
  /** It runs and boots it. `reboot`: what an earlier deployment has made the boot default, no reboot has brought up yet. */
  | { readonly kind: 'settled'; readonly reboot: 'yes' | 'no'; readonly specialised?: Specialised }
  /** `specialised`: of the new system only this is to run; what is only to be booted is its parent. */
  | { readonly kind: 'activate'; readonly way: WayForward; readonly specialised?: Specialised };

/** Decides it, for a deployment and for a plan of one alike. Throws switch-inhibited and no-such-specialisation. */
export function decisionFor(
  plan: Pick<HostPlan, 'goal' | 'reboots' | 'specialisation' | 'installBootloader'>,
  facts: HostFacts,
  { toplevel, change }: Built,
): Decision {
  const { goal, reboots } = plan;
  if (goal === 'build') return { kind: 'built' };
  const specialised = specialisedIn(change, plan.specialisation, toplevel);
  const rest = specialised === undefined ? {} : { specialised };
  if (plan.installBootloader !== 'yes' && isSettled(facts, toplevel, specialised?.toplevel)) {
    const isDue = setsBootDefault(goal) && reboots.reboot !== 'never' && change.bootsOther.length > 0;
    return { kind: 'settled', reboot: isDue ? 'yes' : 'no', ...rest };
  }
  const way = wayForward(goal, reboots, change);
  return { kind: 'activate', way, ...(way.goal !== 'boot' && rest) };
}

/** Gives the specialisation that is to run. */
function specialisedIn(
  { specialisations }: SystemChange,
  name: string | undefined,
  toplevel: string,
): Specialised | undefined {
  if (name === undefined) return undefined;
  const found = specialisations.get(name);
  if (found !== undefined) return { name, toplevel: found };
  throw new FlurryError({
    code: 'no-such-specialisation',
    named: name,
    existing: [...specialisations.keys()],
    toplevel,
  });
}

/** Tells whether more than the host's store changes by it. */
export function touchesHost(decision: Decision): boolean {
  switch (decision.kind) {
    case 'built':
      return false;
    case 'settled':
      return decision.reboot === 'yes';
    case 'activate':
      return decision.way.goal !== 'dry-activate';
  }
}

/** Gives the verdict that it ends with where all goes well. */
export function verdictIfWell(decision: Decision): Verdict {
  switch (decision.kind) {
    case 'built':
      return 'built';
    case 'settled':
      return decision.reboot === 'yes' ? 'promoted' : 'unchanged';
    case 'activate':
      return verdictOfWay(decision.way);
  }
}

function verdictOfWay({ goal, reboot }: WayForward): Verdict {
  switch (goal) {
    case 'build':
      return 'built';
    case 'dry-activate':
      return 'previewed';
    case 'test':
      return 'tested';
    case 'boot':
      return reboot === 'yes' ? 'promoted' : 'staged';
    case 'promote':
      return 'promoted';
  }
}
