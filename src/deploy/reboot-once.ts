import { setTimeout as pause } from 'node:timers/promises';
import { shown } from '../core/explain/text.ts';
import type { HostFacts } from '../core/facts.ts';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { observe } from '../host/observe.ts';
import { askToReboot, type RebootFrom } from '../host/reboot.ts';
import type { ActivationRun } from './host.ts';
import { isLoginRefused } from './refusal.ts';

export interface Reboot {
  /** The boot that is to end, and whose; and as what the host was last seen in it. */
  readonly from: RebootFrom;
  /** The toplevel that is to come up. */
  readonly expected: string;
  /** `yes`: what comes up is booted this once only. */
  readonly trial: 'yes' | 'no';
  readonly shell: Shell;
}

/**
 * Reboots a host and looks at it once it is up again, over a new connection: that it goes away meanwhile is meant. Asked
 * for again until it has left its boot. Throws not-back-after-reboot where it was not met in another boot, and up,
 * within --reboot-timeout, and changed-by-someone-else where it is not what it was: then it is not rebooted.
 */
export async function rebootOnce(run: ActivationRun, reboot: Reboot): Promise<HostFacts> {
  return await run.narration.stage('reboot', () => untilBack(run, reboot));
}

const firstPauseMs = 500;
const longestPauseMs = 3000;
// sshd punishes failed logins for longer and longer (PerSourcePenalties); one that is starting may let nobody in yet.
const pauseAfterRefusalMs = 15_000;

async function untilBack(run: ActivationRun, reboot: Reboot): Promise<HostFacts> {
  const { plan, narration, ports } = run;
  const { expected, trial } = reboot;
  const afterMs = plan.limits.rebootTimeoutMs;
  const giveUpAt = performance.now() + afterMs;
  let asked: 'yes' | 'no' = 'no';
  let told = false;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    let refused = false;
    let changed: { readonly expected: string; readonly found: string } | undefined;
    try {
      const met = await meet(run, reboot, giveUpAt);
      if (met.kind === 'back') return met.facts;
      if (met.kind === 'changed') changed = met;
      else if (met.kind === 'asked') asked = 'yes';
      else if (!told) {
        narration.note(met.why, 'warning');
        told = true;
      }
    } catch (error) {
      const problem = problemOf(error);
      if (!(error instanceof FlurryError)) throw error;
      refused = isLoginRefused(problem.code);
      if (asked === 'no' && !told) {
        narration.note(`could not ask it to reboot yet: ${ports.explain(problem, plan.host.name).reason}`, 'warning');
        told = true;
      }
    }
    if (changed !== undefined) {
      const { expected, found } = changed;
      throw new FlurryError({ code: 'changed-by-someone-else', expected, found });
    }
    const waitMs = refused ? pauseAfterRefusalMs : pauseMs;
    if (performance.now() + waitMs > giveUpAt) {
      throw new FlurryError({ code: 'not-back-after-reboot', afterMs, asked, expected, trial });
    }
    await pause(waitMs);
  }
}

type Met =
  | { readonly kind: 'back'; readonly facts: HostFacts }
  /** It is in its old boot, and has been told to leave it. */
  | { readonly kind: 'asked' }
  | { readonly kind: 'changed'; readonly expected: string; readonly found: string }
  | { readonly kind: 'not-now'; readonly why: string };

/** Meets the host over a connection of its own: asks for the reboot, or, where that is over, waits until it is up. */
async function meet({ plan, ports, narration }: ActivationRun, reboot: Reboot, giveUpAt: number): Promise<Met> {
  const { limits, host } = plan;
  const leftMs = Math.max(1000, Math.round(giveUpAt - performance.now()));
  const timeoutMs = Math.min(limits.connectTimeoutMs, leftMs);
  const session: Session = await ports.connect(host, { timeoutMs, signal: never });
  try {
    const once = reboot.trial === 'yes' ? reboot.expected : undefined;
    const asking = { shell: reboot.shell, timeoutMs: Math.min(limits.answerTimeoutMs, leftMs) };
    const answered = await askToReboot(session, reboot.from, once, asking).catch((error: unknown) => {
      // A host that goes down takes the connection with it before it can answer.
      if (problemOf(error).code === 'connection-lost') return undefined;
      throw error;
    });
    if (answered === undefined) return { kind: 'asked' };
    if (answered.machineId !== reboot.from.machineId) {
      return { kind: 'not-now', why: 'another machine answers at its address' };
    }
    if (answered.bootId === reboot.from.bootId) {
      if (answered.changed !== undefined) return { kind: 'changed', ...answered.changed };
      if (answered.busy === undefined) return { kind: 'asked' };
      return { kind: 'not-now', why: `${shown(answered.busy)} works on it; it is rebooted when that is done` };
    }
    const look = () => observe(session, { limits }, never, (what) => narration.note(`${what}; waiting`));
    await look();
    // Units may settle after a boot as they may after an activation.
    await pause(limits.settleMs);
    return { kind: 'back', facts: await look() };
  } finally {
    await session.close();
  }
}

// A reboot that is under way is waited for: to leave would only hide how it ended.
const never = new AbortController().signal;
