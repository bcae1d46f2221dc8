import { shown } from '../core/explain/text.ts';
import type { Goal } from '../core/goal.ts';
import type { Reboots } from '../core/plan.ts';
import { FlurryError } from '../core/problem.ts';
import type { Inhibitor, SystemChange } from '../host/change.ts';
import type { HostRun } from './host.ts';
import type { Outcome } from './outcome.ts';

/** How a host gets to its new system. */
export interface WayForward {
  /** The goal of the host's transaction: `boot` where the running system must not become the new one. */
  readonly goal: Goal;
  /** The new system is booted once and proves itself before it becomes the boot default. */
  readonly trial: 'yes' | 'no';
  readonly reboot: 'yes' | 'no';
  /** Why it cannot be tested live; empty where it can. */
  readonly inhibitors: readonly Inhibitor[];
}

/**
 * Decides how a host gets to its new system, from what was asked for and what differs. Throws switch-inhibited where
 * that may not go on; nothing has been touched then. Goal `test` promises to leave the boot default alone, so there is no
 * other way for it.
 */
export function wayForward(goal: Goal, { reboot, onInhibitor }: Reboots, change: SystemChange): WayForward {
  const { inhibitors, bootsOther, bootOnce } = change;
  const inhibited = inhibitors.length > 0;
  if (inhibited && (goal === 'test' || (goal === 'promote' && onInhibitor === 'refuse'))) {
    throw new FlurryError({ code: 'switch-inhibited', goal, inhibitors });
  }
  const own = inhibited && goal === 'promote' ? 'boot' : goal;
  if (own !== 'boot' && own !== 'promote') return { goal, trial: 'no', reboot: 'no', inhibitors };
  const differs = inhibited || bootsOther.length > 0;
  const asked =
    reboot === 'always' ||
    (reboot === 'if-needed' && differs) ||
    (goal === 'promote' && inhibited && onInhibitor === 'boot-and-reboot');
  // What was tested live, and boots with what the host has booted before, is proven as far as it can be.
  const unproven = differs || own === 'boot';
  return {
    goal: own,
    trial: asked && unproven && bootOnce === 'can' ? 'yes' : 'no',
    reboot: asked ? 'yes' : 'no',
    inhibitors,
  };
}

/** Tells what will not be tested, or not proven, before it is done. */
export function tellWay({ narration, plan }: HostRun, way: WayForward, change: SystemChange): void {
  const { inhibitors } = way;
  if (inhibitors.length > 0) {
    narration.note(`it cannot be switched to live, and is not tested: ${changes(inhibitors)}`, 'warning');
  }
  if (way.goal !== 'boot' && way.goal !== 'promote') return;
  const others = change.bootsOther.join(', ');
  if (way.reboot === 'no') {
    if (others !== '') narration.note(`not in use, and not tested, before its next reboot: ${others}`, 'warning');
    return;
  }
  if (way.trial === 'no' && change.bootOnce === 'cannot' && (others !== '' || way.goal === 'boot')) {
    narration.note(
      'no trial boot (its boot loader cannot, or boots it already): it is the boot default when it first runs',
      'warning',
    );
  }
  if (plan.reboots.reboot === 'never') narration.note('it is rebooted after that, as --on-inhibitor says');
}

/** Says of a good end what it does not prove. */
export function withWay(outcome: Outcome, { inhibitors, trial }: WayForward): Outcome {
  if (inhibitors.length === 0 || trial === 'yes' || outcome.verdict !== 'staged') return outcome;
  return { ...outcome, said: `${outcome.said ?? outcome.verdict} (${changes(inhibitors)})` };
}

function changes(inhibitors: readonly Inhibitor[]): string {
  return inhibitors
    .map(({ key, old, new: next }) => `${shown(key, 64)}: ${shown(old, 64)} → ${shown(next, 64)}`)
    .join(', ');
}
