import { setTimeout as pause } from 'node:timers/promises';
import type { HostFacts } from '../core/facts.ts';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import { type Built, buildOnHost, cancelBuild } from '../host/build.ts';
import { clearDeployment, type Deployment, prepareDeployment } from '../host/deployment.ts';
import { keepSystem } from '../host/earlier-systems.ts';
import { logMark, logPatienceMs } from '../host/journal.ts';
import { observe } from '../host/observe.ts';
import { type CurrentTransaction, currentTransaction, reviveWayBack } from '../host/transaction.ts';
import { evaluationKey } from '../nix/evaluation-key.ts';
import { hostArguments } from '../nix/host-reference.ts';
import { silenceFails } from './all-or-nothing.ts';
import { byRecord } from './by-record.ts';
import { chooseConfiguration } from './configuration.ts';
import { judgeRelease, tellOthers } from './earlier-releases.ts';
import type { ActivationRun, HostRun } from './host.ts';
import { judgeHealth, judgeReadiness } from './judge.ts';
import { type HostLink, withLink } from './link.ts';
import type { lastSeen, Outcome } from './outcome.ts';
import { reachOf } from './reach.ts';
import { sendUnfetched } from './unfetched.ts';

/** Looks at the host and judges it before anything is copied. Throws the worst problem; others are told as warnings. */
export async function observeHost(
  session: Session,
  run: HostRun,
): Promise<{ readonly facts: HostFacts; readonly configuration: string; readonly recorded?: Built }> {
  const { plan, release, ports } = run;
  return await run.narration.stage('observe', async () => {
    const facts = await lookWhenFree(session, run);
    return await knowing(facts, async () => {
      const configuration = chooseConfiguration(plan.host, facts.hostname, release.configurations);
      if (plan.goal !== 'build') await refuseWhileHeld(session, facts, run);
      const { snapshot } = release;
      const evaluation = evaluationKey(release, configuration, facts.nixVersion);
      const known = byRecord({ plan, facts, configuration, snapshot, evaluation });
      if ('not' in known) session.say?.(`its record settles nothing: ${known.not}`);
      // What it runs, it can run.
      const platform = 'not' in known ? (await ports.architectures()).get(configuration) : undefined;
      refuseUnlessWell(facts, run, judgeReadiness(facts, configuration, platform));
      tellOthers(facts, run);
      await judgeRelease(facts, run);
      return { facts, configuration, ...('built' in known && { recorded: known.built }) };
    });
  });
}

/** Throws the worst of what forbids to go on: these problems first, then those of its health; tells the others. */
export function refuseUnlessWell(
  facts: HostFacts,
  { plan, ports, narration }: ActivationRun,
  problems: readonly Problem[],
): void {
  const [worst, ...others] = [...problems, ...judgeHealth(facts, plan.gates)];
  const next = facts.bootDefault.toplevel;
  if (next !== '' && next !== facts.running) {
    narration.note(`it runs ${facts.running} but boots ${next}: a reboot would bring that`, 'warning');
  }
  for (const other of others) narration.note(`also: ${ports.explain(other, plan.host.name).reason}`, 'warning');
  if (worst !== undefined) throw new FlurryError(worst);
}

/**
 * Looks at the host. Where somebody else deploys to it or switches it, that is waited for within --wait-lock, and then
 * looked at again: what runs meanwhile, and what has failed, is not what this deployment begins with.
 */
export async function lookWhenFree(
  session: Session,
  run: ActivationRun & Partial<Pick<HostRun, 'act'>>,
): Promise<HostFacts> {
  const { plan, ports, narration, owner, act = 'at-once' } = run;
  const { limits } = plan;
  const giveUpAt = performance.now() + limits.waitLockMs;
  for (let told = ''; ; ) {
    const facts = await observe(session, { limits, owner }, ports.signal, (what) => narration.note(`${what}; waiting`));
    if (limits.waitLockMs === 0 || facts.privilege === 'none') return facts;
    const asking = { shell: shellFor(facts), timeoutMs: limits.answerTimeoutMs };
    let other = await currentTransaction(session, asking, ports.signal);
    if (other?.atWork === false && act === 'at-once') {
      await reviveWayBack(session, asking, ports.signal);
      other = await currentTransaction(session, asking, ports.signal);
    }
    const holder =
      other?.atWork === true ? `${other.owner} (deployment ${other.id}, ${other.state})` : facts.switchUnderWay;
    if (holder === undefined) return facts;
    if (performance.now() > giveUpAt) {
      if (other?.atWork !== true) return facts;
      throw new ObservedProblem(facts, heldBy(other));
    }
    if (holder !== told) narration.note(`waiting for ${holder} to be done`);
    told = holder;
    await pause(1000, undefined, { signal: ports.signal });
  }
}

/** What the gate would refuse is refused now, before anything is copied and built. Throws `locked`. */
export async function refuseWhileHeld(
  session: Session,
  facts: HostFacts,
  { plan: { limits }, ports }: ActivationRun,
): Promise<void> {
  if (facts.deployment === 'none' || facts.privilege === 'none' || limits.waitLockMs > 0) return;
  const asking = { shell: shellFor(facts), timeoutMs: limits.answerTimeoutMs };
  const other = await currentTransaction(session, asking, ports.signal);
  if (other?.atWork === true && !ending.includes(other.state)) throw new FlurryError(heldBy(other));
}

/** Whoever is about to be done is done before there is something to activate. */
const ending = ['promoting', 'rolling-back'];

function heldBy({ id, owner, since, state }: CurrentTransaction): Problem<'locked'> {
  return { code: 'locked', id, owner, since, state };
}

/** A problem of a host that was looked at: what it runs is known. */
export class ObservedProblem extends FlurryError {
  readonly facts: Parameters<typeof lastSeen>[0];

  constructor(
    facts: Parameters<typeof lastSeen>[0],
    problem: FlurryError['problem'],
    options?: { readonly cause: unknown },
  ) {
    super(problem, options);
    this.facts = facts;
  }
}

/** Does further work before the activation; what goes wrong meanwhile is told with what the host was seen to run. */
export async function knowing<T>(facts: HostFacts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FlurryError ? new ObservedProblem(facts, error.problem, { cause: error }) : error;
  }
}

/** Gives the host's side of this deployment: its name there, and how to be root. */
export function deploymentOn(
  facts: HostFacts,
  { deploymentId, owner, plan }: Pick<HostRun, 'deploymentId' | 'owner' | 'plan'>,
): Deployment {
  return { id: deploymentId, shell: shellFor(facts), limits: plan.limits, owner };
}

/** A login that is root already needs no program to become it. */
function shellFor({ privilege }: HostFacts): Shell {
  return privilege === 'root' ? 'user' : 'root';
}

/**
 * Does the work of a deployment on a host: its journal is followed meanwhile, and what it left in /run is cleared away
 * afterwards, unless the host may still need it (`in-doubt`, or contact was lost).
 */
export async function withDeployment<O extends Outcome>(
  session: Session,
  run: ActivationRun,
  { deployment, leaveSlot }: { readonly deployment: Deployment; readonly leaveSlot: () => void },
  work: (link: HostLink) => Promise<O>,
): Promise<O> {
  // Others need not wait for a host that may be away for long.
  const reach = silenceFails(reachOf(run.narration, run.plan), run);
  const options = { deployment, reach, log: 'shown', onLost: leaveSlot } as const;
  return await withLink(session, run, options, async (link) => {
    // Only tidiness: where it fails, the host does it by itself a little later.
    const clear = () => link.contact.once((over) => clearDeployment(over, deployment)).catch(() => {});
    try {
      const outcome = await work(link);
      if (outcome.verdict !== 'in-doubt') await clear();
      return outcome;
    } catch (error) {
      await clear();
      throw error;
    }
  });
}

export interface Building {
  readonly deployment: Deployment;
  readonly configuration: string;
  readonly facts: HostFacts;
}

/**
 * Builds the configuration on the host and gives its toplevel, and how it differs; the running system is not touched. The build goes on
 * where contact is lost, and is found again; the log then goes on behind the last line that came.
 */
export async function buildToplevel(link: HostLink, run: HostRun, building: Building): Promise<Built> {
  const { contact, journal } = link;
  const { deployment, configuration, facts } = building;
  const { narration, ports, plan } = run;
  const persist = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    contact.persist(work, plan.limits.reconnectTimeoutMs, ports.signal);
  const stage = () =>
    narration.stage('build', async () => {
      const reference = hostArguments(run.release, configuration, `/run/flurry/${deployment.id}/registry.json`);
      const files = {
        'release.json': releaseRecord(run, configuration, facts),
        ...(reference.registry === undefined ? {} : { 'registry.json': reference.registry }),
      };
      await persist((over) => makeFolder(over, run, deployment, files));
      const mark = logMark(deployment.id, 'build');
      const nixArguments = [...reference.arguments, reference.installable];
      try {
        const { specialisation } = plan;
        const request = { nixArguments, mark, memoryBytes: facts.memoryBytes, specialisation };
        const build = () => persist((over) => buildOnHost(over, deployment, request, ports.signal));
        const built = await build().catch(async (error: unknown) => {
          await sendUnfetched(link.contact, run, deployment, error);
          return await build();
        });
        await journal.until(mark, logPatienceMs);
        return built;
      } catch (error) {
        if (ports.signal.aborted) await contact.once((over) => cancelBuild(over, deployment)).catch(() => {});
        const problem = problemOf(error);
        if (problem.code === 'contact-lost') throw new FlurryError({ ...problem, state: 'building' }, { cause: error });
        if (problem.code !== 'build-failed') throw error;
        await journal.until(mark, logPatienceMs);
        throw new FlurryError({ ...problem, tail: narration.tail('build') }, { cause: error });
      }
    });
  return await run.inBuildSlot(stage);
}

/**
 * Makes the deployment's folder on the host; tells what an earlier crash had cut off, unless nothing may be done about
 * that yet. Throws run-full, and as `ask`.
 */
export async function makeFolder(
  session: Session,
  { plan, ports, narration, act = 'at-once' }: ActivationRun & Partial<Pick<HostRun, 'act'>>,
  deployment: Deployment,
  files: Readonly<Record<'release.json', string>> & Readonly<Record<string, string>>,
): Promise<void> {
  const ignoreUnits = plan.gates.ignoreUnits.map((unit) => `${unit}\n`).join('');
  const all = { ...files, 'ignore-units': ignoreUnits };
  const how = act === 'at-once' ? 'whole' : 'quietly';
  for (const late of await prepareDeployment(session, deployment, { files: all, how }, ports.signal)) {
    narration.note(`deployment ${late.id} had been cut off; it ended: ${late.verdict}`, 'warning');
  }
}

/**
 * Has on the host again what a deployment needs there that has waited for a person: after hours, whoever deploys there clears
 * away what looks left behind. Throws as `ask`: host-script-failed where the system was collected as garbage meanwhile.
 */
export async function keepReady(
  { contact }: HostLink,
  run: HostRun,
  { deployment, configuration, facts }: Building,
  toplevel: string,
): Promise<void> {
  const { ports, plan } = run;
  const record = { 'release.json': releaseRecord(run, configuration, facts) };
  const work = async (over: Session): Promise<void> => {
    await makeFolder(over, run, deployment, record);
    await keepSystem(over, deployment, toplevel, ports.signal);
  };
  await contact.persist(work, plan.limits.reconnectTimeoutMs, ports.signal);
}

/** What the host's history keeps of a release: one line of JSON; with `evaluator` also what that gave the toplevel from. */
export function releaseRecord(
  { release, plan }: HostRun,
  configuration: string,
  evaluator?: Pick<HostFacts, 'nixVersion'>,
): string {
  const { narHash, lastModified, rev } = release.snapshot;
  const isByHost = evaluator !== undefined && plan.buildOn === 'target';
  const evaluation = isByHost ? evaluationKey(release, configuration, evaluator.nixVersion) : undefined;
  const of = { configuration, narHash, lastModified, ...(rev === undefined ? {} : { rev }) };
  return JSON.stringify({ ...of, ...(evaluation === undefined ? {} : { evaluation }) });
}
