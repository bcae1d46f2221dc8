import type { Limits } from '../core/limits.ts';
import type { DeploySettings, RollbackSettings } from './settings.ts';

/** Gives the limits of a deployment. */
export function limitsOf(settings: DeploySettings): Limits {
  return {
    ...transactionLimitsOf(settings),
    reconnectTimeoutMs: settings.reconnectTimeout,
    copyStallTimeoutMs: settings.copyStallTimeout,
    buildTimeoutMs: settings.buildTimeout,
  };
}

/** Gives those that are the host's transaction's, of whatever system it brings. */
export function transactionLimitsOf(settings: RollbackSettings | DeploySettings) {
  return {
    connectTimeoutMs: settings.connectTimeout,
    selfCheckTimeoutMs: settings.selfCheckTimeout,
    activationTimeoutMs: settings.activationTimeout,
    settleMs: settings.settle,
    confirmTimeoutMs: settings.confirmTimeout,
    confirmCapMs: settings.confirmCap,
    rollbackTimeoutMs: settings.rollbackTimeout,
    holdWindowMs: settings.holdWindow,
    rebootTimeoutMs: settings.rebootTimeout,
    waitLockMs: settings.waitLock,
    startingTimeoutMs: settings.startingTimeout,
    answerTimeoutMs: settings.answerTimeout,
  } as const;
}
