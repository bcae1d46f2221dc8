import pLimit, { type LimitFunction } from 'p-limit';
import type { HostResult } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { HostPlan, Plan, RollbackPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import { account } from './account.ts';
import { barrierFor } from './barrier.ts';
import { consentOf } from './consent.ts';
import { deployHost, type HostRun } from './host.ts';
import { localBuilds } from './local-builds.ts';
import { isUnreachable, type Outcome } from './outcome.ts';
import { takePart } from './part.ts';
import type { ActivationPorts, CheckPorts, DeployPorts } from './ports.ts';
import { rebootOrderOf } from './reboot-order.ts';
import { rollBackHost } from './rollback-host.ts';
import type { Narration } from './stage.ts';
import { togetherOf } from './together.ts';

// Others at work are no news before that.
const longWaitMs = 5000;

/**
 * Deploys a plan: each host flows alone, up to `parallel` of them working at once, and every host gets a result,
 * whatever happens to the others; unless all are to change together or not at all. Emits what happens to each host;
 * never throws.
 */
export async function deployFleet(plan: Plan, ports: DeployPorts): Promise<readonly HostResult[]> {
  const { deploymentId, owner, act, release } = plan;
  const rebootSlots = pLimit(plan.parallelReboots);
  const copySlots = pLimit(plan.parallelCopies);
  const buildSlots = pLimit(plan.parallelBuilds);
  const names = plan.hosts.map(({ host }) => host.name);
  const consent = act === 'when-asked' ? consentOf(names, ports.askToGo) : undefined;
  const ofRun = {
    ...(consent !== undefined && { consent }),
    ...{ deploymentId, owner, act, release },
    builds: localBuilds(ports.buildHere, plan.parallelBuilds),
  };
  // Of a plan each host is told, whatever becomes of the others.
  const alone = (host: HostPlan): HostPlan => ({ ...host, policies: { ...host.policies, together: 'each-alone' } });
  return await changeEachHost(
    act === 'never' ? { ...plan, hosts: plan.hosts.map(alone) } : plan,
    ports,
    { rev: release.snapshot.rev ?? null, ended: (host) => consent?.ended(host) },
    (session, { signal, othersEnded, ...part }) => {
      const { narration } = part;
      const waiting = (what: string) => () => narration.note(`waits for its turn to ${what}`);
      const inCopySlot = slotsOf(copySlots, waiting(`be copied to (--parallel-copies ${plan.parallelCopies})`));
      const inBuildSlot = slotsOf(buildSlots, waiting(`build (--parallel-builds ${plan.parallelBuilds})`));
      const inRebootSlot: HostRun['inRebootSlot'] = async (work) => {
        await othersEnded();
        return await rebootSlots(work);
      };
      const inSlots = { inCopySlot, inBuildSlot, inRebootSlot };
      return deployHost(session, { ...part, ...ofRun, ...inSlots, ports: { ...ports, signal } });
    },
  );
}

/** Brings hosts back to what they ran earlier, as `deployFleet` brings them forward. Emits what happens; never throws. */
export async function rollBackFleet(plan: RollbackPlan, ports: ActivationPorts): Promise<readonly HostResult[]> {
  const { deploymentId, owner, aim } = plan;
  return await changeEachHost(plan, ports, { rev: null }, (session, { signal, othersEnded: _, ...part }) =>
    rollBackHost(session, { ...part, deploymentId, owner, aim, ports: { ...ports, signal } }),
  );
}

/** One host's share of the work on all. */
interface Part extends Pick<HostRun, 'plan' | 'narration' | 'inSlot' | 'together'> {
  /** Ends what may still be broken off: with the run, or, where all change together, with the first that fails. */
  readonly signal: AbortSignal;
  /** Waits until all hosts that are reached through this one are done with. */
  readonly othersEnded: () => Promise<void>;
}

/** Connects to all hosts, and does the work on each whose connection stands. */
async function changeEachHost(
  plan: Pick<Plan, 'hosts' | 'parallel' | 'parallelConnects' | 'unreachable'>,
  ports: CheckPorts,
  {
    rev,
    ended,
  }: {
    /** What all are to have in the end. */
    readonly rev: string | null;
    readonly ended?: (host: string) => void;
  },
  work: (session: Session, part: Part) => Promise<Outcome>,
): Promise<readonly HostResult[]> {
  const dial = pLimit(plan.parallelConnects);
  const slots = pLimit(plan.parallel);
  const allReached = barrierFor(plan.hosts.length, plan.unreachable === 'stop' ? 'closed' : 'open');

  const isLeftOut = (problem: Problem): boolean => plan.unreachable === 'skip' && isUnreachable(problem);
  const isTogether = plan.hosts.some(({ policies }) => policies.together === 'all-or-nothing');
  const names = plan.hosts.map(({ host }) => host.name);
  const together = isTogether ? togetherOf(names, ports.signal) : undefined;

  const order = rebootOrderOf(names);
  const one = async (part: Omit<Part, 'inSlot' | 'othersEnded'>): Promise<Outcome> => {
    const { host, limits } = part.plan;
    const withSignal = { ...ports, signal: part.signal };
    const session = await dial(() => connect(host, limits, withSignal, part.narration)).then(
      (connected) => {
        allReached.arrive(host.name, 'well');
        order.reached(host.name, connected.way);
        return connected;
      },
      (error: unknown) => {
        allReached.arrive(host.name, 'badly');
        throw error;
      },
    );
    try {
      const unreached = await allReached.passed;
      if (unreached !== undefined) throw new FlurryError({ code: 'stopped', unreachable: unreached });
      return await work(session, {
        ...part,
        inSlot: slotsOf(slots, () => {}),
        othersEnded: () => order.othersEnded(host.name),
      });
    } finally {
      await session.close();
    }
  };

  const oneOfAll = async (hostPlan: HostPlan, narration: Narration): Promise<Outcome> => {
    const alone = { plan: hostPlan, narration, signal: ports.signal };
    if (together === undefined) return await one(alone);
    const part = { ...alone, signal: AbortSignal.any([ports.signal, together.failed]), together };
    return await takePart(part, isLeftOut, () => one(part));
  };

  return await Promise.all(
    plan.hosts.map((hostPlan) =>
      account(
        {
          host: hostPlan.host.name,
          rev,
          ports,
          verdictOf: (problem) => (isLeftOut(problem) ? 'skipped' : undefined),
        },
        (narration) => oneOfAll(hostPlan, narration),
      ).finally(() => {
        order.ended(hostPlan.host.name);
        ended?.(hostPlan.host.name);
      }),
    ),
  );
}

/** Lets work in when one of the slots is free; `onLongWait` is told where that takes a while. */
function slotsOf(slots: LimitFunction, onLongWait: () => void): HostRun['inSlot'] {
  return (work) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(onLongWait, longWaitMs);
      void slots(() => {
        clearTimeout(timer);
        return new Promise<void>((leave) => work(leave).then(resolve, reject).finally(leave));
      });
    });
}

async function connect(host: Host, limits: Limits, ports: CheckPorts, narration: Narration): Promise<Session> {
  const say = (line: string): void => narration.log(line);
  const options = { timeoutMs: limits.connectTimeoutMs, signal: ports.signal, say };
  return await narration.stage('connect', () => ports.connect(host, options));
}
