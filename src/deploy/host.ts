import type { HostPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import type { FlakeRelease } from '../core/release.ts';
import { activate } from './activate.ts';
import { isSettled, lastSeen, type Outcome } from './outcome.ts';
import { buildToplevel, copySnapshot, deploymentOn, knowing, observeHost, withDeployment } from './phases.ts';
import type { ActivationPorts, DeployPorts } from './ports.ts';
import type { Narration } from './stage.ts';

/** One host's part of a run, as far as its transaction is concerned. */
export interface ActivationRun {
  readonly plan: HostPlan;
  readonly ports: Pick<ActivationPorts, 'connect' | 'signal' | 'explain' | 'askPerson'>;
  readonly narration: Narration;
}

/** One host's part of a run. */
export interface HostRun extends ActivationRun {
  readonly deploymentId: string;
  readonly owner: string;
  readonly release: FlakeRelease;
  readonly ports: DeployPorts;
  /** Runs the work when one of the run's slots is free; whoever only waits leaves it early. */
  readonly inSlot: <T>(work: (leave: () => void) => Promise<T>) => Promise<T>;
}

/**
 * Deploys to one host whose connection stands: observe → copy → build → gate → test → verify → promote. Up to the gate
 * the host is not touched but for its store; from there on its own transaction decides, and the outcome is the host's.
 * Throws a FlurryError for what went wrong before that.
 */
export async function deployHost(session: Session, run: HostRun): Promise<Outcome> {
  const { facts, configuration } = await observeHost(session, run);
  const deployment = deploymentOn(facts, run);

  const inSlot = (work: (leave: () => void) => Promise<Outcome>): Promise<Outcome> =>
    run.inSlot((leave) => knowing(facts, () => work(leave)));
  return await inSlot(async (leaveSlot) => {
    await copySnapshot(session, run, deployment);
    return await withDeployment(session, run, { deployment, leaveSlot }, async (link) => {
      const toplevel = await buildToplevel(link, run, { deployment, configuration, facts });

      if (run.plan.goal === 'build') return { verdict: 'built', said: `built ${toplevel}`, ...lastSeen(facts) };
      if (isSettled(facts, toplevel)) {
        return { verdict: 'unchanged', said: 'runs and boots it already', ...lastSeen(facts) };
      }
      const lookAgain = async (over: Session) => (await observeHost(over, run)).facts;
      const { goal } = run.plan;
      return await activate(link, run, { goal, deployment, facts, toplevel, lookAgain, leaveSlot });
    });
  });
}
