import { setTimeout as pause } from 'node:timers/promises';
import { askedBy, type Check, type CheckKind, type Probe, type Tried } from '../core/check.ts';
import type { Shell } from '../core/ports.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import { printable } from '../core/untrusted.ts';
import { judgeCommand, readHttp, readTcp, unitWatch } from '../host/check-answers.ts';
import { type CheckEnd, type Clock, runCheck } from './check-loop.ts';
import type { Contact } from './contact.ts';
import type { FollowingRun } from './host.ts';
import { type HostTries, hostTries } from './host-tries.ts';
import { tryHttp, tryPing, tryTcp } from './tries-here.ts';

export interface ChecksOn {
  readonly contact: Pick<Contact, 'persist'>;
  /** How long a host that was lost is looked for. */
  readonly findMs: number;
  readonly shell: Shell;
  /** Whether that shell is root's. */
  readonly root: 'yes' | 'no';
  /** The first that fails for good ends the others, or all are run to their ends. */
  readonly until: 'first-failure' | 'all-ended';
  readonly signal: AbortSignal;
}

/** A check that has not passed. */
export interface Failed extends Pick<CheckEnd, 'seen' | 'tries' | 'milliseconds'> {
  readonly check: string;
  readonly kind: CheckKind;
}

/** What came of the checks of a host; `stopped`: by the signal. `failed` begins with what decided. */
export type Checked =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failed: readonly [Failed, ...Failed[]] }
  | { readonly kind: 'stopped'; readonly awaited: readonly string[] };

const tellEveryMs = 2000;

/** Runs checks side by side and tells of each. Those of a host go over one channel, which is opened again where it is lost. */
export async function runChecks(run: FollowingRun, checks: readonly Check[], on: ChecksOn): Promise<Checked> {
  const { answerTimeoutMs } = run.plan.limits;
  const onHost = checks.filter(({ probe }) => isAskedOnHost(probe)).map(({ probe }) => probe);
  const decided = new AbortController();
  const signal = AbortSignal.any([on.signal, decided.signal]);
  const { contact, shell, findMs } = on;
  const host = hostTries(contact, { probes: onHost, shell, timeoutMs: answerTimeoutMs, findMs });
  const failed: Failed[] = [];
  const one = async (check: Check): Promise<Check | undefined> => {
    const { name, probe } = check;
    const number = onHost.indexOf(probe);
    const tryOnce = patiently(run, number < 0 ? fromHere(probe) : fromHost(probe, number, host, on));
    const { end, isFailing } = await told(run, check, signal, tryOnce);
    if (end.state === 'passed') return undefined;
    if (end.state === 'failed' || (isFailing && !on.signal.aborted))
      failed.push({ check: name, kind: probe.kind, ...end });
    if (end.state === 'failed' && on.until === 'first-failure') decided.abort();
    return check;
  };
  try {
    const left = (await Promise.all(checks.map(one))).filter((check) => check !== undefined);
    const [first, ...others] = failed;
    if (first !== undefined && !on.signal.aborted) return { kind: 'failed', failed: [first, ...others] };
    return left.length === 0 ? { kind: 'passed' } : { kind: 'stopped', awaited: left.map(({ name }) => name) };
  } finally {
    host.close();
  }
}

/** Gives the problem of checks that have failed. */
export function problemOfChecks(
  [decisive, ...others]: readonly [Failed, ...Failed[]],
  left: Problem<'check-failed'>['left'],
): Problem<'check-failed'> {
  const { check, kind, seen, tries, milliseconds: afterMs } = decisive;
  return { code: 'check-failed', check, kind, seen, tries, afterMs, others: others.map((one) => one.check), left };
}

type TryOnce = (limitMs: number, signal: AbortSignal) => Promise<Tried>;

/** Runs a check and tells how it goes; `isFailing`: its last try had failed. */
async function told(
  { narration }: FollowingRun,
  check: Check,
  signal: AbortSignal,
  tryOnce: TryOnce,
): Promise<{ readonly end: CheckEnd; readonly isFailing: boolean }> {
  const about = { check: check.name, kind: check.probe.kind, asks: askedBy(check.probe) };
  let toldAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  narration.check({ ...about, state: 'started', seen: '', tries: 0, milliseconds: 0 });
  const end = await runCheck(check, {
    ...{ tryOnce, clock, signal },
    onTry({ seen, outcome }, standing) {
      isFailing = outcome === 'failed';
      if (clock.now() - toldAt < tellEveryMs) return;
      toldAt = clock.now();
      narration.check({ ...about, state: 'trying', seen, ...standing });
    },
  });
  narration.check({ ...about, ...end });
  return { end, isFailing };
}

/** A host that cannot be asked is not unwell, and not well either: it is asked again, until the time of the check is over. */
function patiently({ ports, plan }: FollowingRun, tryOnce: TryOnce): TryOnce {
  return async (limitMs, signal) => {
    try {
      const { outcome, seen } = await tryOnce(limitMs, signal);
      return { outcome, seen: printable(seen).slice(0, mostSeen) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FlurryError)) throw error;
      return { outcome: 'not-yet', seen: ports.explain(problemOf(error), plan.host.name).reason.slice(0, mostSeen) };
    }
  };
}

const mostSeen = 300;

function isAskedOnHost(probe: Probe): boolean {
  return probe.kind !== 'ping' && !('from' in probe && probe.from === 'coordinator');
}

function fromHere(probe: Probe): TryOnce {
  switch (probe.kind) {
    case 'http':
      return (limitMs, signal) => tryHttp(probe, limitMs, signal);
    case 'tcp':
      return (limitMs, signal) => tryTcp(probe, limitMs, signal);
    case 'ping':
      return (limitMs, signal) => tryPing(probe, limitMs, signal);
    default:
      throw new Error(`${probe.kind} is asked on the host`);
  }
}

function fromHost(probe: Probe, number: number, host: HostTries, { root }: ChecksOn): TryOnce {
  switch (probe.kind) {
    case 'unit': {
      const judge = unitWatch(probe);
      return async (...limits) => judge(await host.tryNow(number, ...limits), clock.now());
    }
    case 'command':
      return async (limitMs, signal) => {
        if (root === 'no')
          return { outcome: 'failed', seen: 'only root can run it, and whoever logs in cannot become root' };
        const startedAt = clock.now();
        const answer = await host.tryNow(number, limitMs, signal);
        return judgeCommand(answer, { limitMs, tookMs: clock.now() - startedAt });
      };
    case 'http':
      return async (...limits) => readHttp(await host.tryNow(number, ...limits), probe);
    case 'tcp':
      return async (limitMs, signal) => readTcp(await host.tryNow(number, limitMs, signal), limitMs);
    case 'ping':
      throw new Error('a host is not pinged from itself');
  }
}

const clock: Clock = {
  now: () => performance.now(),
  pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => {}),
};
