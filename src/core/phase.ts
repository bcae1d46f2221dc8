/** The steps on one host, in their order. `preview` is that of the goal `dry-activate`, `rollback` the way back. */
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
  'rollback',
] as const;
export type Phase = (typeof phases)[number];
