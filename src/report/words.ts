import type { Phase } from '../core/phase.ts';
import { type Verdict, verdicts } from '../core/verdict.ts';

/** What a host is doing, as a person says it. */
export const doing: Readonly<Record<Phase, string>> = {
  connect: 'connecting',
  observe: 'observing',
  copy: 'copying',
  build: 'building',
  preview: 'previewing',
  gate: 'checking',
  test: 'testing',
  verify: 'verifying',
  promote: 'promoting',
  reboot: 'rebooting',
  rollback: 'rolling back',
};

/** `alarm`: somebody has to look at the host; `bad`: it did not make it, and is as it was. */
export type Tone = 'good' | 'quiet' | 'bad' | 'warned' | 'alarm';

interface VerdictWords {
  readonly label: string;
  readonly tone: Tone;
  /** What is true of one host, or of several, now, whatever the reason was. */
  readonly now: readonly [one: string, several: string];
}

/** The words for each verdict, after the table of design section 6. */
export const verdictWords: Readonly<Record<Verdict, VerdictWords>> = {
  unchanged: good('unchanged', 'it runs and boots this system already', 'they run and boot this system already'),
  promoted: good('promoted', 'it runs and boots the new system', 'they run and boot the new system'),
  tested: good('tested', 'it runs the new system but boots another', 'they run the new system but boot another'),
  staged: good(
    'staged',
    'it boots the new system next: untested, with no net under it',
    'they boot the new system next: untested, with no net under it',
  ),
  built: good('built', 'it was not changed', 'they were not changed'),
  previewed: good('previewed', 'it was not changed', 'they were not changed'),
  healthy: good('healthy', 'it was only looked at', 'they were only looked at'),
  unhealthy: bad('unhealthy', 'it was only looked at', 'they were only looked at'),
  unreachable: bad('unreachable', 'nothing is known of it', 'nothing is known of them'),
  seen: good('seen', 'it was only looked at', 'they were only looked at'),
  refused: bad('refused', 'it was not changed', 'they were not changed'),
  failed: bad('failed', 'it was not changed', 'they were not changed'),
  'rolled-back': {
    label: 'ROLLED BACK',
    tone: 'warned',
    now: ['it was changed, and runs again what it ran before', 'they were changed, and run again what they ran before'],
  },
  'in-doubt': { label: 'IN DOUBT', tone: 'alarm', now: ['look at it now', 'look at them now'] },
  skipped: { label: 'skipped', tone: 'quiet', now: ['it was not started', 'they were not started'] },
};

function good(label: string, one: string, several: string): VerdictWords {
  return { label, tone: 'good', now: [one, several] };
}

function bad(label: string, one: string, several: string): VerdictWords {
  return { label, tone: 'bad', now: [one, several] };
}

/** In the order in which hosts are counted: those to which nothing was done come last. */
export const countedVerdicts: readonly Verdict[] = [
  ...verdicts.filter((verdict) => verdict !== 'unchanged'),
  'unchanged',
];

/** Tells whether a host did not make it: who reads of the run looks there first. */
export function isTrouble(verdict: Verdict): boolean {
  return ['bad', 'warned', 'alarm'].includes(verdictWords[verdict].tone);
}

/** The higher, the more a person has to look at it. */
export function urgencyOf(verdict: Verdict): number {
  return ['good', 'quiet', 'bad', 'warned', 'alarm'].indexOf(verdictWords[verdict].tone);
}
