/**
 * The steps on one host, in their order; what is built on this machine is built before it is copied. `preview` is that of
 * the goal `dry-activate`, `rollback` the way back. What was tried by a `reboot` is promoted after it.
 */
export const phases = [
  'connect',
  'observe',
  'copy',
  'build',
  'preview',
  'gate',
  'test',
  'verify',
  'promote',
  'reboot',
  'rollback',
] as const;
export type Phase = (typeof phases)[number];
