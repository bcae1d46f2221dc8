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
  readonly rollbackTimeoutMs: number;
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
  rollbackTimeoutMs: 5 * minute,
  startingTimeoutMs: 2 * minute,
  answerTimeoutMs: 30 * second,
};
