import type { HostFacts } from '../core/facts.ts';
import type { Act, HostPlan } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import type { FlakeRelease } from '../core/release.ts';
import { isWell } from '../core/verdict.ts';
import type { Built } from '../host/build.ts';
import { activate } from './activate.ts';
import { buildHere, receiveToplevel } from './build-here.ts';
import { checksBefore } from './checks-of-host.ts';
import type { Consent } from './consent.ts';
import { closureOf, sourcesOf, withCopied } from './copy.ts';
import { type Decision, decisionFor, touchesHost, verdictIfWell } from './decision.ts';
import { forecast, nothingForeseen, saidOf, tellPlan } from './forecast.ts';
import type { HostLink } from './link.ts';
import type { LocalBuilds } from './local-builds.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { refuseAfterOthers } from './part.ts';
import {
  type Building,
  buildToplevel,
  deploymentOn,
  keepReady,
  knowing,
  observeHost,
  withDeployment,
} from './phases.ts';
import type { ActivationPorts, DeployPorts } from './ports.ts';
import { type Rebooting, rebootHost } from './reboot.ts';
import type { Narration } from './stage.ts';
import type { Together } from './together.ts';
import { tellWay, withWay } from './way-forward.ts';

/** One host's part of a run, as far as it follows what goes on there. */
export interface FollowingRun {
  readonly plan: Pick<HostPlan, 'host' | 'limits'>;
  readonly ports: Pick<ActivationPorts, 'connect' | 'signal' | 'explain'>;
  readonly narration: Narration;
}

/** One host's part of a run, as far as its transaction is concerned. */
export interface ActivationRun extends FollowingRun {
  readonly plan: HostPlan;
  readonly ports: Pick<ActivationPorts, 'connect' | 'signal' | 'explain' | 'askPerson'>;
  readonly owner: string;
  /** Where the hosts of the run change together or not at all. */
  readonly together?: Together;
}

/** One host's part of a run. */
export interface HostRun extends ActivationRun {
  readonly deploymentId: string;
  readonly act: Act;
  /** Where the person is asked before a host is changed. */
  readonly consent?: Consent;
  /** Waits until it is this host's turn to be changed, where it was not waited for before. */
  readonly turn?: () => Promise<void>;
  readonly release: FlakeRelease;
  readonly ports: DeployPorts;
  /** Of the hosts that do not build for themselves. */
  readonly builds: LocalBuilds;
  /** Runs the work when one of the run's slots is free; whoever only waits leaves it early. */
  readonly inSlot: <T>(work: (leave: () => void) => Promise<T>) => Promise<T>;
  /** As `inSlot`, with the run's slots for copies. Says so where a host waits for long. */
  readonly inCopySlot: HostRun['inSlot'];
  /** As `inCopySlot`, with the run's slots for builds. */
  readonly inBuildSlot: HostRun['inSlot'];
  /** Runs the work when one of the run's slots for reboots is free. A host through which others are reached goes last. */
  readonly inRebootSlot: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Deploys to one host whose connection stands: observe → copy → build → gate → test → verify → promote, then reboot
 * where that was asked for. What is built on this machine is built first, and then copied. Up to the gate the host is not
 * touched but for its store; from there on its own transaction decides, and the outcome is the host's. A plan ends before
 * the gate, having told what would be done; where the person is asked, that is between the two.
 * Throws a FlurryError for what went wrong before that.
 */
export async function deployHost(session: Session, run: HostRun): Promise<Outcome> {
  const { facts, configuration, recorded } = await observeHost(session, run);
  const deployment = deploymentOn(facts, run);

  const inSlot = (work: (leave: () => void) => Promise<Outcome>): Promise<Outcome> =>
    run.inSlot((leave) =>
      knowing(facts, async () => {
        refuseAfterOthers(run);
        return await work(leave);
      }),
    );
  return await inSlot(async (leaveSlot) => {
    if (recorded !== undefined) return unchangedByRecord(recorded, run, facts);
    const place = { deployment, configuration, facts, leaveSlot };
    const { due, ...reached } = await (run.plan.buildOn === 'target'
      ? fromSource(session, run, place)
      : fromBuild(session, run, place));
    if (due === undefined) return reached;
    leaveSlot();
    return await rebootHost(run, { ...due, deployment, configuration, before: facts, reached });
  });
}

/** How far a host has come, and the reboot that is to follow, if any. */
interface Reached extends Outcome {
  readonly due?: Pick<Rebooting, 'toplevel' | 'trial'>;
}

type Place = Building & { readonly leaveSlot: () => void };

/** Nothing is copied, evaluated and built: the host's own record has told what would come of it. */
function unchangedByRecord(built: Built, run: HostRun, facts: HostFacts): Outcome {
  if (run.act !== 'at-once') {
    tellPlan(run, { built, decision: { kind: 'settled', reboot: 'no' }, foreseen: nothingForeseen });
  }
  run.narration.note('by its record it runs this release: nothing is copied, evaluated or built');
  const said = 'runs and boots it already, by its record';
  return { verdict: 'unchanged', said, ...lastSeen(facts) };
}

/** The host gets the flake's source, and builds. */
async function fromSource(session: Session, run: HostRun, place: Place): Promise<Reached> {
  const { deployment, leaveSlot: onLost } = place;
  return await withCopied(session, run, { deployment, onLost, cargo: sourcesOf(run.release) }, (standing) =>
    withDeployment(standing, run, place, async (link) =>
      bringTo(await buildToplevel(link, run, place), link, run, place),
    ),
  );
}

/** The host gets what was built here. */
async function fromBuild(session: Session, run: HostRun, place: Place): Promise<Reached> {
  const { configuration, deployment, leaveSlot: onLost } = place;
  const wanted = { host: run.plan.host.name, configuration };
  const toplevel = await buildHere(run, wanted, run.ports.signal);
  // A connection that was lost meanwhile is made anew: nothing on the host hangs on it.
  return await withCopied(session, run, { deployment, onLost, cargo: closureOf(toplevel) }, (standing) =>
    withDeployment(standing, run, place, async (link) =>
      bringTo(await receiveToplevel(standing, run, { deployment, configuration, toplevel }), link, run, place),
    ),
  );
}

async function bringTo(built: Built, link: HostLink, run: HostRun, place: Place): Promise<Reached> {
  const decision = decisionFor(run.plan, place.facts, built);
  if (run.act === 'at-once') return await carryOut({ decision, built }, link, run, place);
  await passGate(decision, link, run, place);
  const refused = await forecast(link, run, { ...place, built, decision });
  if (refused !== undefined) return refused;
  if (run.act === 'never') {
    const verdict = verdictIfWell(decision) === 'unchanged' ? 'unchanged' : 'previewed';
    return { verdict, said: saidOf(decision), ...lastSeen(place.facts) };
  }
  if (!touchesHost(decision)) return await carryOut({ decision, built }, link, run, place);
  // It may be long before the person answers, and others are to be planned meanwhile.
  place.leaveSlot();
  await run.consent?.given(run.plan.host.name, run.ports.signal);
  await run.turn?.();
  return await run.inSlot(async (leaveSlot) => {
    refuseAfterOthers(run);
    const acting = { ...run, act: 'at-once' } as const;
    await keepReady(link, acting, place, built.toplevel);
    return await carryOut({ decision, built }, link, acting, { ...place, leaveSlot });
  });
}

/** What the fleet wants of a host before it is changed, also where that is only planned. Throws check-failed. */
async function passGate(decision: Decision, link: HostLink, run: HostRun, { deployment }: Place): Promise<void> {
  if (decision.kind !== 'activate' || decision.way.goal === 'dry-activate') return;
  await checksBefore(run, { ...link, deployment });
}

/** Does what was decided. */
async function carryOut(
  { decision, built: { toplevel, change } }: { readonly decision: Decision; readonly built: Built },
  link: HostLink,
  run: HostRun,
  place: Place,
): Promise<Reached> {
  const { facts } = place;
  switch (decision.kind) {
    case 'built':
      return { verdict: 'built', said: `built ${toplevel}`, ...lastSeen(facts) };
    case 'settled': {
      const said =
        decision.specialised === undefined ? 'runs and boots it already' : 'runs that of it already, and boots it';
      const settled = { verdict: 'unchanged', said, ...lastSeen(facts) } as const;
      return decision.reboot === 'yes' ? { ...settled, due: { toplevel, trial: 'no' } } : settled;
    }
    case 'activate': {
      const { way, specialised } = decision;
      tellWay(run, way, change);
      await passGate(decision, link, run, place);
      const outcome = await activate(link, run, {
        ...place,
        ...{ goal: way.goal, toplevel },
        ...(specialised !== undefined && { specialised }),
        ...(way.trial === 'yes' && { trial: 'yes' }),
        ...(way.inhibitors.length > 0 && { inhibited: 'yes' }),
        lookAgain: async (over) => (await observeHost(over, run)).facts,
      });
      const told = withWay(outcome, way);
      return way.reboot === 'yes' && isWell(outcome.verdict) ? { ...told, due: { toplevel, trial: way.trial } } : told;
    }
  }
}
