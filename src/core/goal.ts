/** How far a deployment goes, in the order in which a host meets the steps. */
export const goals = ['build', 'dry-activate', 'test', 'boot', 'promote'] as const;
export type Goal = (typeof goals)[number];

/** Tells whether the running system is replaced on the way to this goal. */
export function activates(goal: Goal): boolean {
  return goal === 'test' || goal === 'promote';
}

/** Tells whether this goal ends with the new system as the boot default. */
export function setsBootDefault(goal: Goal): boolean {
  return goal === 'boot' || goal === 'promote';
}
