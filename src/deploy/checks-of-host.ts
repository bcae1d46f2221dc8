import { type Check, checksFor } from '../core/check.ts';
import type { Shell } from '../core/ports.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { Deployment } from '../host/deployment.ts';
import type { WaitingHost } from './confirm.ts';
import type { ActivationRun } from './host.ts';
import { withLink } from './link.ts';
import { type Checked, type ChecksOn, problemOfChecks, runChecks } from './run-checks.ts';
import { longest } from './watch.ts';

type Left = Problem<'check-failed'>['left'];

/**
 * Runs the checks that a host must pass with its new system, while it waits for no longer than its cap: what has not passed
 * by then has failed, and the host can still be told so. Gives the problem where it does not pass; nothing, too, where it may
 * fail (that is told), and where the signal has ended the checks.
 */
export async function checksAfter(
  run: ActivationRun,
  { contact, deployment }: Pick<WaitingHost, 'contact' | 'deployment'>,
  signal: AbortSignal,
): Promise<Problem<'check-failed'> | undefined> {
  const { checks, limits } = run.plan;
  const { confirmCapMs } = limits;
  const mostMs = confirmCapMs - Math.min(longestWordMs, confirmCapMs / 3);
  const cut = checksFor('after', checks).map((check) => ({ ...check, timeoutMs: Math.min(check.timeoutMs, mostMs) }));
  return await judged(run, cut, {
    ...{ contact, shell: deployment.shell, findMs: longest(limits), signal, left: 'put-back' },
  });
}

// What it may take to tell a host that its checks have failed.
const longestWordMs = 10_000;

/** Runs the checks that a host must pass before it is changed. Throws check-failed, and the reason of the run's signal. */
export async function checksBefore(
  run: ActivationRun,
  { contact, deployment }: Pick<WaitingHost, 'contact' | 'deployment'>,
): Promise<void> {
  const checks = checksFor('before', run.plan.checks);
  if (checks.length === 0) return;
  const { signal } = run.ports;
  await run.narration.stage('gate', async () => {
    const { shell, limits } = deployment;
    const on = { contact, shell, findMs: limits.reconnectTimeoutMs, signal, left: 'untouched' } as const;
    const problem = await judged(run, checks, on);
    if (problem !== undefined) throw new FlurryError(problem);
    signal.throwIfAborted();
  });
}

/** As `checksAfter`, of a host that was rebooted into the new system and waits for nothing. Throws what keeps it from being asked. */
export async function checksInNewBoot(
  run: ActivationRun,
  deployment: Deployment,
  trial: 'yes' | 'no',
): Promise<Problem<'check-failed'> | undefined> {
  const { plan, ports, narration } = run;
  const checks = checksFor('after', plan.checks);
  if (checks.length === 0) return undefined;
  const on = { findMs: longest(plan.limits), signal: never, left: trial === 'yes' ? 'put-back' : 'kept' } as const;
  return await narration.stage('verify', async () => {
    const session = await ports.connect(plan.host, { timeoutMs: plan.limits.connectTimeoutMs, signal: never });
    try {
      return await withLink(session, run, { deployment, log: 'hidden' }, ({ contact }) =>
        judged(run, checks, { ...on, contact, shell: deployment.shell }),
      );
    } finally {
      await session.close();
    }
  });
}

// As all that is done about a reboot that is under way.
const never = new AbortController().signal;

async function judged(
  run: ActivationRun,
  checks: readonly Check[],
  on: Pick<ChecksOn, 'contact' | 'findMs' | 'signal'> & { readonly shell: Shell; readonly left: Left },
): Promise<Problem<'check-failed'> | undefined> {
  if (checks.length === 0) return undefined;
  const { narration, plan } = run;
  const isWarning = plan.policies.onCheckFailure === 'warn';
  const until = isWarning ? 'all-ended' : 'first-failure';
  const checked: Checked = await runChecks(run, checks, { ...on, root: 'yes', until });
  if (checked.kind === 'stopped' && !run.ports.signal.aborted) {
    narration.note(`no longer waits for ${checked.awaited.map((name) => `check ${name}`).join(', ')}`, 'warning');
  }
  if (checked.kind !== 'failed') return undefined;
  if (!isWarning) return problemOfChecks(checked.failed, on.left);
  const names = checked.failed.map(({ check, seen }) => `${check} (${seen === '' ? 'nothing was seen' : seen})`);
  narration.note(`failed, and let pass as asked by --on-check-failure warn: check ${names.join(', ')}`, 'warning');
  return undefined;
}
