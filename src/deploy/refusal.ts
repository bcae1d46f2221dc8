import type { ProblemCode } from '../core/problem.ts';

const firstPauseMs = 20_000;
const longestPauseMs = 160_000;
// The way back itself takes a moment.
const graceMs = 5000;

/** Tells whether whoever answers does not let us in: another try would end the same, and sshd would punish it. */
export function isLoginRefused(code: ProblemCode): boolean {
  return code === 'authentication-failed' || code === 'key-unusable';
}

const badHostKeys: readonly ProblemCode[] = ['host-key-changed', 'host-key-revoked', 'host-key-not-pinned'];

/** Tells whether the next second changes nothing: we are not let in, or whoever answers is not to be taken for the host. */
export function isRefusal(code: ProblemCode): boolean {
  return isLoginRefused(code) || badHostKeys.includes(code);
}

/**
 * Gives for how many milliseconds a host that has refused the login so many times is let be: until it can have put itself
 * back, at the soonest, and then longer each time (sshd punishes failed logins for longer and longer,
 * PerSourcePenalties). Nothing where it does not change by itself, so that no other try makes sense.
 */
export function pauseAfterRefusal(refusals: number, soonestBackMs: number | undefined): number | undefined {
  if (soonestBackMs === undefined) return undefined;
  const pauseMs = Math.min(firstPauseMs * 2 ** (refusals - 1), longestPauseMs);
  return Math.max(pauseMs, soonestBackMs + graceMs);
}
