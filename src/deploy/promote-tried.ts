import type { HostFacts } from '../core/facts.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, type Problem, type ProblemCode } from '../core/problem.ts';
import type { Deployment } from '../host/deployment.ts';
import { activate } from './activate.ts';
import type { HostRun } from './host.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { makeFolder, observeHost, releaseRecord, withDeployment } from './phases.ts';

export interface Tried {
  /** The one whose trial it was. */
  readonly deployment: Deployment;
  readonly configuration: string;
  readonly toplevel: string;
}

/**
 * Makes a system the boot default that has come up in its trial boot and let us in anew: by a transaction of its own,
 * since the reboot has ended the first one. `failed` or `refused` where the host's own transaction says no to it;
 * `in-doubt` where nobody came to ask it, or somebody else was at work: it then boots the old system next.
 */
export async function promoteTried(run: HostRun, tried: Tried, facts: HostFacts): Promise<Outcome> {
  const deployment = { ...tried.deployment, id: `${tried.deployment.id}-boot` };
  // Judged already, by whoever calls.
  const gates = { ...run.plan.gates, degraded: 'allow' } as const;
  const second: HostRun = { ...run, plan: { ...run.plan, goal: 'boot', gates } };
  try {
    const { limits, host } = run.plan;
    const session = await run.ports.connect(host, { timeoutMs: limits.connectTimeoutMs, signal: never });
    try {
      const outcome = await transaction(session, second, { ...tried, deployment }, facts);
      const { verdict, problem } = outcome;
      if (verdict === 'promoted') return { ...outcome, said: 'runs and boots it, after a trial boot' };
      return problem !== undefined && byOthers.includes(problem.code) ? unpromoted(problem, run, facts) : outcome;
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof FlurryError)) throw error;
    return unpromoted(error.problem, run, facts);
  }
}

const byOthers: readonly ProblemCode[] = ['locked', 'switch-locked', 'changed-by-someone-else'];

function unpromoted(problem: Problem, { ports, plan }: HostRun, facts: HostFacts): Outcome {
  const said = ports.explain(problem, plan.host.name).reason;
  return {
    verdict: 'in-doubt',
    problem: { code: 'trial-unpromoted', because: problem.code, said },
    ...lastSeen(facts),
  };
}

async function transaction(
  session: Session,
  run: HostRun,
  { deployment, configuration, toplevel }: Tried,
  facts: HostFacts,
): Promise<Outcome> {
  // Its slot was left before the reboot.
  const leaveSlot = (): void => undefined;
  return await withDeployment(session, run, { deployment, leaveSlot }, async (link) => {
    const files = { 'release.json': releaseRecord(run, configuration) };
    const prepare = (over: Session) => makeFolder(over, run, deployment, files);
    await link.contact.persist(prepare, run.plan.limits.reconnectTimeoutMs);
    const lookAgain = async (over: Session) => (await observeHost(over, run)).facts;
    return await activate(link, run, { goal: 'boot', deployment, facts, toplevel, lookAgain, leaveSlot });
  });
}

const never = new AbortController().signal;
