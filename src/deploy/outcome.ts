import type { BootDefault, HostFacts } from '../core/facts.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';

/** How one host ended, before it is put into words. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly problem?: Problem;
  /** What went well, as one sentence; unused where there is a problem. */
  readonly said?: string;
  /** As last read from the host. */
  readonly running?: string;
  readonly bootDefault?: string;
  /** Revision of what was brought to it, where its own history tells that and not the run. */
  readonly rev?: string;
}

/** What a host ran and booted when it was last looked at, for the outcome. */
export function lastSeen(seen: { readonly running: string; readonly bootDefault: BootDefault }): {
  readonly running?: string;
  readonly bootDefault?: string;
} {
  return {
    ...(seen.running === '' ? {} : { running: seen.running }),
    ...(seen.bootDefault.toplevel === '' ? {} : { bootDefault: seen.bootDefault.toplevel }),
  };
}

/**
 * Tells whether the host boots this toplevel already, and runs it, or the system of it that is to run. An unknown boot
 * loader is not held against it.
 */
export function isSettled(facts: HostFacts, toplevel: string, runs = toplevel): boolean {
  const { loader, toplevel: next } = facts.bootDefault;
  return facts.running === runs && facts.profile === toplevel && (loader === 'unknown' || next === toplevel);
}

// A no to going on, said by a gate before anything on the host was touched; every other failure is `failed`.
const refusals: readonly ProblemCode[] = [
  'not-nixos',
  'no-nix-on-host',
  'no-privilege',
  'not-running',
  'degraded',
  'wrong-host',
  'wrong-machine',
  'would-downgrade',
  'no-such-specialisation',
  'no-configuration-for-host',
  'no-such-configuration',
  'wrong-architecture',
  'disk-full',
  'run-full',
  'switch-under-way',
  'locked',
  'declined',
  'check-failed',
  'unit-masked',
  'switch-inhibited',
  'nothing-to-roll-back-to',
  'not-what-was-promoted',
  'no-such-generation',
  'no-such-revision',
  'ambiguous-revision',
  'system-gone',
];

/** Gives the verdict of a problem that came up before the transaction began: the host is as it was. */
export function verdictBeforeChange(problem: Problem): Verdict {
  return refusals.includes(problem.code) ? 'refused' : 'failed';
}

const unreachables: readonly ProblemCode[] = [
  'unknown-address',
  'connection-refused',
  'no-route',
  'connect-timeout',
  'handshake-failed',
  'connection-lost',
  'jump-refused',
  'proxy-command-failed',
];

/** Tells whether the host did not answer, as against: answered, and was not let in or not trusted. */
export function isUnreachable(problem: Pick<Problem, 'code'>): boolean {
  return unreachables.includes(problem.code);
}
