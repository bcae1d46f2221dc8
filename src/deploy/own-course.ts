import type { OwnCourse } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import type { Goal } from '../core/goal.ts';
import type { Limits } from '../core/limits.ts';
import type { Policies } from '../core/plan.ts';
import { loaderLimitMs, lockLimitMs, type TransactionState } from '../host/transaction.ts';

/** What the host last said of its transaction; no state where that has begun and said nothing yet. */
export interface LastSaid {
  readonly state?: TransactionState | 'building';
  /** Until the deadline of that state. */
  readonly secondsLeft?: number;
}

/** What a transaction was begun with. */
export interface Terms {
  readonly goal: Goal;
  /** The new system is only to be booted once. */
  readonly trial?: 'yes' | undefined;
  readonly limits: Limits;
  readonly policies: Pick<Policies, 'confirm' | 'ifRollbackFails' | 'together'>;
}

export interface Course {
  readonly course: OwnCourse;
  /** One sentence without its subject's name. */
  readonly does: string;
  /** From when the host said so: when it has decided, or is done, at the latest; absent where that is not known. */
  readonly withinMs?: number;
}

/**
 * Tells what a host does by itself, and by when at the latest, if nobody reaches it from now on. It follows from what it
 * last said and from what its transaction was begun with. Without these terms (it was begun elsewhere) nobody knows by when.
 */
export function ownCourse(said: LastSaid, terms: Terms | undefined): Course {
  const course = courseOf(said.state, terms);
  const withinMs = terms === undefined ? undefined : latest(course, said, terms);
  return { course, does: wordsFor(course, said.state, terms), ...(withinMs === undefined ? {} : { withinMs }) };
}

/**
 * Tells how soon, at the very soonest, a host can have put back by itself what it ran before, from when it said so.
 * Nothing where it is not going to change at all.
 */
export function soonestBackMs(said: LastSaid, terms: Terms | undefined): number | undefined {
  const course = courseOf(said.state, terms);
  if (course === 'builds' || course === 'previews') return undefined;
  if (course !== 'goes-back') return 0;
  if (said.state === 'waiting') return ownDeadline(said) ?? terms?.limits.confirmTimeoutMs ?? 0;
  if (terms === undefined) return 0;
  const { settleMs, confirmTimeoutMs } = terms.limits;
  return said.state === 'verifying' ? confirmTimeoutMs : settleMs + confirmTimeoutMs;
}

function courseOf(state: LastSaid['state'], terms: Terms | undefined): OwnCourse {
  switch (state) {
    case 'building':
      return 'builds';
    case 'promoting':
      if (terms?.trial === 'yes') return 'stages-once';
      return terms?.goal === 'boot' ? 'stages' : 'promotes';
    case 'rolling-back':
      return 'is-going-back';
    case 'holding':
      return terms?.policies.ifRollbackFails === 'reboot' ? 'reboots' : 'holds';
    case 'ended':
      return 'has-ended';
    case 'previewing':
      return 'previews';
    case 'gated':
      return 'stays';
    default:
      if (terms?.goal === 'dry-activate') return 'previews';
      if (terms?.goal !== 'boot') return 'goes-back';
      return terms.trial === 'yes' ? 'stages-once' : 'stages';
  }
}

function wordsFor(course: OwnCourse, state: LastSaid['state'], terms: Terms | undefined): string {
  switch (course) {
    case 'builds':
      return 'it goes on building, and what it runs stays as it is';
    case 'stays':
      return 'unless it is released to go on, it changes nothing';
    case 'goes-back': {
      const unless = 'unless it is confirmed in time, it puts back';
      if (stepOf(state) === 'gating') return `${unless} whatever it changes`;
      const after = state === 'waiting' || terms === undefined ? undefined : duration(terms.limits.confirmTimeoutMs);
      return `${unless} what it ran before${after === undefined ? '' : `, ${after} after its test and checks`}`;
    }
    case 'is-going-back':
      return 'it puts back what it ran before';
    case 'promotes':
      return 'it was confirmed, and makes the new system its boot default; if that fails, it puts back what it ran before';
    case 'stages':
      return 'it makes the new system its boot default, and does not change what it runs';
    case 'stages-once':
      return 'it prepares to boot the new system once, and boots by default what it booted before';
    case 'previews':
      return 'it only looks at what would be done, and changes nothing';
    case 'holds':
      return 'it could not wholly put back what it ran before, and stays as it is';
    case 'reboots':
      return 'it could not wholly put back what it ran before, and reboots into its boot default';
    case 'has-ended':
      return 'it is done, and says how it ended once it is reached';
  }
}

// The way back looks every ten seconds, and leaves ten more to a unit that is late.
const watchfulMs = 20_000;

// As the scripts set them: src/host/scripts/transaction.sh, rollback.sh.
const deadlines = {
  gating: ({ selfCheckTimeoutMs }: Limits) => 2 * selfCheckTimeoutMs + lockLimitMs + 30_000,
  testing: ({ activationTimeoutMs }: Limits) => activationTimeoutMs + lockLimitMs + 30_000,
  verifying: ({ settleMs }: Limits) => settleMs + 60_000,
  waiting: ({ confirmTimeoutMs }: Limits) => confirmTimeoutMs,
} as const;
const steps = ['gating', 'testing', 'verifying', 'waiting'] as const;

function latest(course: OwnCourse, said: LastSaid, { limits, policies }: Terms): number | undefined {
  switch (course) {
    case 'stays':
      // The deadline was moved since it was read.
      return Math.max(ownDeadline(said) ?? 0, limits.confirmTimeoutMs);
    case 'goes-back': {
      const [now, ...later] = steps.slice(steps.indexOf(stepOf(said.state)));
      if (now === undefined) return undefined;
      const own = ownDeadline(said) ?? deadlines[now](limits);
      if (later.length > 0) {
        return later.reduce((total, step) => total + deadlines[step](limits), own) + watchfulMs;
      }
      // Where a person is asked, or other hosts are waited for, the deadline was moved since it was read.
      return policies.confirm === 'ask' || policies.together === 'all-or-nothing'
        ? Math.max(own, limits.confirmTimeoutMs)
        : own;
    }
    case 'promotes':
    case 'stages-once':
    case 'stages': {
      // Begun anew once, where it was killed, and undone where it fails.
      const own = said.state === 'promoting' ? (ownDeadline(said) ?? 0) : 0;
      const before = said.state === 'promoting' ? 0 : deadlines.gating(limits) + deadlines.testing(limits);
      const promotion = Math.max(own, loaderLimitMs + lockLimitMs + 60_000);
      return before + promotion + 2 * (loaderLimitMs + lockLimitMs) + 60_000 + watchfulMs;
    }
    case 'is-going-back':
      return lockLimitMs + limits.rollbackTimeoutMs + limits.settleMs + 60_000 + watchfulMs;
    case 'holds':
    case 'reboots':
      return ownDeadline(said) ?? limits.holdWindowMs;
    case 'builds':
    case 'previews':
    case 'has-ended':
      return undefined;
  }
}

function stepOf(state: LastSaid['state']): (typeof steps)[number] {
  switch (state) {
    case 'armed':
    case 'testing':
      return 'testing';
    case 'verifying':
    case 'waiting':
      return state;
    default:
      return 'gating';
  }
}

/** Only where the state is left at it; a way back is begun at a deadline, and has none of its own. */
function ownDeadline({ state, secondsLeft }: LastSaid): number | undefined {
  if (secondsLeft === undefined || state === 'rolling-back' || state === 'ended') return undefined;
  return Math.max(0, secondsLeft) * 1000;
}
