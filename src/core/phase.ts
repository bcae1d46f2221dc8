/** The steps on one host, in their order. `preview` is the step of the goal `dry-activate`. */
export const phases = ['connect', 'observe', 'copy', 'build', 'preview', 'gate', 'test', 'verify', 'promote'] as const;
export type Phase = (typeof phases)[number];
