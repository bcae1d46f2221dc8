/** Every wait has a limit. All are in milliseconds; the README's table of limits has a line for each. */
export interface Limits {
  readonly connectTimeoutMs: number;
  /** Copying: no byte for so long; not a total. */
  readonly copyStallTimeoutMs: number;
  readonly buildTimeoutMs: number;
  readonly selfCheckTimeoutMs: number;
  readonly activationTimeoutMs: number;
  /** How long units may settle after the activation before they are judged. */
  readonly settleMs: number;
  /** How long a tested system waits to be confirmed before the host puts itself back. */
  readonly confirmTimeoutMs: number;
  /** How long a waiting host may be kept waiting by renewals, from when it began to wait. */
  readonly confirmCapMs: number;
  readonly rollbackTimeoutMs: number;
  /** After a failed rollback: how long somebody may still say `hold` before the policy acts. */
  readonly holdWindowMs: number;
  /** How long a host that was lost while it builds is looked for; a transaction is followed to its own end. */
  readonly reconnectTimeoutMs: number;
  /** How long a host that reboots is looked for. */
  readonly rebootTimeoutMs: number;
  /** How long to wait for another deployment, or a switch run by hand, to leave the host; 0: not at all. */
  readonly waitLockMs: number;
  /** How long a host may still be starting when it is first met. */
  readonly startingTimeoutMs: number;
  /** How long one question to a host may take beyond what it waits for. */
  readonly answerTimeoutMs: number;
}

const second = 1000;
const minute = 60 * second;

export const defaultLimits: Limits = {
  connectTimeoutMs: 15 * second,
  copyStallTimeoutMs: 120 * second,
  buildTimeoutMs: 180 * minute,
  selfCheckTimeoutMs: 60 * second,
  activationTimeoutMs: 10 * minute,
  settleMs: 5 * second,
  confirmTimeoutMs: 60 * second,
  confirmCapMs: 15 * minute,
  rollbackTimeoutMs: 5 * minute,
  holdWindowMs: 3 * minute,
  reconnectTimeoutMs: 10 * minute,
  rebootTimeoutMs: 10 * minute,
  waitLockMs: 0,
  startingTimeoutMs: 2 * minute,
  answerTimeoutMs: 30 * second,
};
