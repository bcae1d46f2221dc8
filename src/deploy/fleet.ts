import { setMaxListeners } from 'node:events';
import pLimit, { type LimitFunction } from 'p-limit';
import type { HostResult } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { HostPlan, Plan, RollbackPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { account } from './account.ts';
import { consentOf } from './consent.ts';
import { firstContact } from './first-contact.ts';
import { deployHost, type HostRun } from './host.ts';
import { localBuilds } from './local-builds.ts';
import { isUnreachable, type Outcome } from './outcome.ts';
import { paceOf } from './pace.ts';
import { takePart } from './part.ts';
import type { ActivationPorts, CheckPorts, DeployPorts } from './ports.ts';
import { rebootOrderOf } from './reboot-order.ts';
import { rollBackHost } from './rollback-host.ts';
import type { Narration } from './stage.ts';
import { togetherOf } from './together.ts';

/** Where the person is asked, all is planned before anything is changed; and of a plan nothing is. */
const turnsBefore = { 'at-once': 'contact', 'when-asked': 'change', never: 'nothing' } as const;

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
    {
      rev: release.snapshot.rev ?? null,
      turnsBefore: turnsBefore[act],
      ended: (host) => consent?.ended(host),
    },
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
  return await changeEachHost(
    plan,
    ports,
    { rev: null, turnsBefore: 'contact' },
    (session, { signal, othersEnded: _, turn: __, ...part }) =>
      rollBackHost(session, { ...part, deploymentId, owner, aim, ports: { ...ports, signal } }),
  );
}

/** One host's share of the work on all. */
interface Part extends Pick<HostRun, 'plan' | 'narration' | 'inSlot' | 'together'> {
  /** Ends what may still be broken off: with the run, or, where all change together, with the first that fails. */
  readonly signal: AbortSignal;
  /** Waits until it is the host's turn, where that was not waited for before the host was contacted. */
  readonly turn: () => Promise<void>;
  /** Waits until all hosts that are reached through this one are done with. */
  readonly othersEnded: () => Promise<void>;
}

interface Changing {
  /** What all are to have in the end. */
  readonly rev: string | null;
  /** Before what each host waits until it is its turn: before it is contacted, before it is changed, or before nothing. */
  readonly turnsBefore: 'contact' | 'change' | 'nothing';
  readonly ended?: (host: string) => void;
}

/** Connects to all hosts, each when it is its turn, and does the work on each whose connection stands. */
async function changeEachHost(
  { hosts, parallel, parallelConnects, rollout }: Pick<Plan, 'hosts' | 'parallel' | 'parallelConnects' | 'rollout'>,
  ports: ActivationPorts,
  { rev, turnsBefore, ended }: Changing,
  work: (session: Session, part: Part) => Promise<Outcome>,
): Promise<readonly HostResult[]> {
  // One signal stops them all: Node would warn of a leak at the eleventh host.
  setMaxListeners(0, ports.signal);
  const dial = pLimit(parallelConnects);
  const slots = pLimit(parallel);
  const pace = paceOf(rollout, ports);
  const isLeftOut = (problem: Problem): boolean => rollout.unreachable === 'skip' && isUnreachable(problem);
  const isTogether = hosts.some(({ policies }) => policies.together === 'all-or-nothing');
  const groups = isTogether ? rollout.waves.map((wave) => ({ wave, together: togetherOf(wave, ports.signal) })) : [];
  const order = rebootOrderOf(hosts.map(({ host }) => host.name));

  const oneOfAll = async (plan: HostPlan, narration: Narration, begins: () => void): Promise<Outcome> => {
    const { host, limits } = plan;
    const group = groups.find(({ wave }) => wave.includes(host.name));
    const together = group?.together;
    const signal = together === undefined ? ports.signal : AbortSignal.any([ports.signal, together.failed]);
    const turn = async (): Promise<void> => {
      await pace.turn(host.name, signal);
      order.started(host.name);
    };
    const one = async (): Promise<Outcome> => {
      const session = await firstContact({
        ...{ host: host.name, pace, rollout },
        turn: turnsBefore === 'contact' ? () => turn().finally(begins) : undefined,
        async connect() {
          const connected = await dial(() => connect(host, limits, { ...ports, signal }, narration));
          order.reached(host.name, connected.way);
          return connected;
        },
      });
      try {
        return await work(session, {
          ...{ plan, narration, signal, inSlot: slotsOf(slots, () => {}) },
          ...(together !== undefined && { together }),
          turn: turnsBefore === 'change' ? turn : async () => {},
          othersEnded: () => order.othersEnded(host.name),
        });
      } finally {
        await session.close();
      }
    };
    return together === undefined ? await one() : await takePart({ plan, narration, together }, isLeftOut, one);
  };

  return await Promise.all(
    hosts.map(async (plan) => {
      const { name } = plan.host;
      const verdictOf = (problem: Problem) => (isLeftOut(problem) ? 'skipped' : undefined);
      try {
        const result = await account({ host: name, rev, ports, verdictOf }, (narration, begins) =>
          oneOfAll(plan, narration, begins),
        );
        pace.ended(name, result);
        return result;
      } finally {
        order.ended(name);
        ended?.(name);
      }
    }),
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
