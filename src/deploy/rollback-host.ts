import { shown } from '../core/explain/text.ts';
import type { HostFacts } from '../core/facts.ts';
import type { RollbackAim } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import { earlierSystems, keepSystem } from '../host/earlier-systems.ts';
import { activate } from './activate.ts';
import { tellOthers } from './earlier-releases.ts';
import type { ActivationRun, HostRun } from './host.ts';
import { judgeReadiness } from './judge.ts';
import { isSettled, lastSeen, type Outcome } from './outcome.ts';
import {
  deploymentOn,
  knowing,
  lookWhenFree,
  makeFolder,
  refuseUnlessWell,
  refuseWhileHeld,
  withDeployment,
} from './phases.ts';
import { chooseTarget, type RollbackTarget } from './rollback-target.ts';

/** One host's part of a rollback. */
export interface RollbackRun extends ActivationRun, Pick<HostRun, 'deploymentId' | 'inSlot'> {
  readonly aim: RollbackAim;
}

/**
 * Brings one host back to a system that it had earlier: observe → gate → test → verify → promote, the same transaction
 * as of a deployment, with the same nets. Its system is not touched before that. Throws what `chooseTarget` throws, and
 * a FlurryError for what else went wrong before the transaction.
 */
export async function rollBackHost(session: Session, run: RollbackRun): Promise<Outcome> {
  const { facts, target } = await observeTarget(session, run);
  const { toplevel, specialised, broughtBy } = target;
  const rev = broughtBy?.release.rev;
  const its = rev === undefined ? {} : { rev };
  if (isSettled(facts, toplevel, specialised?.toplevel)) {
    return { verdict: 'unchanged', said: 'runs and boots it already', ...lastSeen(facts), ...its };
  }
  const deployment = deploymentOn(facts, run);
  const inSlot = (work: (leave: () => void) => Promise<Outcome>): Promise<Outcome> =>
    run.inSlot((leave) => knowing(facts, () => work(leave)));
  return await inSlot((leaveSlot) =>
    withDeployment(session, run, { deployment, leaveSlot }, async (link) => {
      await makeFolder(session, run, deployment, { 'release.json': JSON.stringify(broughtBy?.release ?? {}) });
      await keepSystem(session, deployment, toplevel, run.ports.signal);
      // Whoever held the host meanwhile may have changed what a rollback means there: the gate compares with what ran.
      const lookAgain = async (over: Session) => ({ ...(await look(over, run)), running: facts.running });
      const { goal } = run.plan;
      const activation = { goal, deployment, facts, toplevel, specialised, lookAgain, leaveSlot };
      const outcome = await activate(link, run, activation);
      return { ...outcome, ...its };
    }),
  );
}

/** Looks at the host, judges it, and finds out what it goes back to. Throws the worst problem. */
async function observeTarget(
  session: Session,
  run: RollbackRun,
): Promise<{ readonly facts: HostFacts; readonly target: RollbackTarget }> {
  const { ports, narration, aim } = run;
  return await narration.stage('observe', async () => {
    const facts = await look(session, run);
    return await knowing(facts, async () => {
      const { shell, limits } = deploymentOn(facts, run);
      const systems = await earlierSystems(session, { shell, timeoutMs: limits.answerTimeoutMs }, ports.signal);
      const target = chooseTarget(aim, systems, facts.running);
      narration.note(`goes to ${described(target)}`);
      return { facts, target };
    });
  });
}

async function look(session: Session, run: RollbackRun): Promise<HostFacts> {
  const facts = await lookWhenFree(session, run);
  return await knowing(facts, async () => {
    await refuseWhileHeld(session, facts, run);
    refuseUnlessWell(facts, run, judgeReadiness(facts));
    tellOthers(facts, run);
    return facts;
  });
}

/** `generation 2: revision 1a2b3c4d5e6f, deployed 2026-11-24T14:51:04Z by ada@laptop (/nix/store/…)` */
function described({ toplevel, specialised, generation, broughtBy }: RollbackTarget): string {
  const of = specialised === undefined ? '' : `specialisation ${shown(specialised.name, 64)} of `;
  const where = `${of}${generation === undefined ? 'a system in no generation' : `generation ${generation}`}`;
  if (broughtBy === undefined) return `${where}: the history knows no deployment of it (${toplevel})`;
  const { at, by, release } = broughtBy;
  const what = release.rev === undefined ? 'no revision' : `revision ${release.rev.slice(0, 12)}`;
  return `${where}: ${what}, deployed ${at} by ${by} (${toplevel})`;
}
