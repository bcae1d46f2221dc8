/** How a host ended. The words, and what each says about the host now, are those of docs/verdicts.md. */
export const verdicts = [
  'unchanged',
  'promoted',
  'tested',
  'staged',
  'built',
  'previewed',
  'healthy',
  'unhealthy',
  'unreachable',
  'seen',
  'refused',
  'failed',
  'rolled-back',
  'in-doubt',
  'skipped',
] as const;
export type Verdict = (typeof verdicts)[number];

export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Gives the exit code of a run whose hosts ended so: 3 (any in doubt) > 1 (any not well) > 0. */
export function exitCodeOf(ended: readonly Verdict[]): 0 | 1 | 3 {
  if (ended.some((verdict) => exitCodeOfOne(verdict) === 3)) return 3;
  return ended.some((verdict) => exitCodeOfOne(verdict) === 1) ? 1 : 0;
}

/** Tells whether the host ended as the person wished. */
export function isWell(verdict: Verdict): boolean {
  return exitCodeOfOne(verdict) === 0;
}

function exitCodeOfOne(verdict: Verdict): 0 | 1 | 3 {
  switch (verdict) {
    case 'unchanged':
    case 'promoted':
    case 'tested':
    case 'staged':
    case 'built':
    case 'previewed':
    case 'healthy':
    case 'seen':
    case 'skipped':
      return 0;
    case 'unhealthy':
    case 'unreachable':
    case 'refused':
    case 'failed':
    case 'rolled-back':
      return 1;
    case 'in-doubt':
      return 3;
  }
}
