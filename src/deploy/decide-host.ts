import type { Session } from '../core/ports.ts';
import { problemOf } from '../core/problem.ts';
import { type Addressee, type Decision, decide, type TransactionState } from '../host/transaction.ts';
import type { HostTask } from './each-host.ts';
import { inDoubt } from './failed-outcome.ts';
import { followingRun, followToEnd, lookFor, stateOf } from './join-host.ts';
import { withLink } from './link.ts';
import type { Outcome } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import type { Narration } from './stage.ts';
import type { Watched } from './watch.ts';

/** One host's part of a run of `confirm` or `abort`. */
export interface HostDecision extends HostTask {
  readonly word: 'confirm' | 'abort';
}

/** A transaction that is under way, and what stands between us and its host. */
interface Joined extends Watched {
  /** When it was found. */
  readonly state: TransactionState;
  readonly toplevel: string;
}

/**
 * Joins the transaction that is under way on a host, whoever began it, says a person's word to it, and waits for the
 * host's own verdict, whichever word won. Throws nothing-to-decide where there is none, no-privilege, and as
 * `askStatus`; from the word on whatever goes wrong is `in-doubt`, and the host goes on by itself.
 */
export async function decideHost(session: Session, decision: HostDecision): Promise<Outcome> {
  const { state, deployment, facts } = await findTransaction(session, decision);
  const run = followingRun(decision);
  return await withLink(session, run, { deployment, log: 'hidden' }, async (link) => {
    link.reach.heard({ state });
    const joined = { ...link, state, deployment, facts, toplevel: 'the new system' };
    try {
      if (decision.word === 'confirm') return await confirmJoined(joined, decision);
      await sayNo(session, joined, decision);
      return await followToEnd(run, joined, state);
    } catch (error) {
      return inDoubt(error);
    }
  });
}

async function findTransaction(session: Session, decision: HostDecision) {
  const { word, limits, narration } = decision;
  return await narration.stage('observe', async () => {
    const { status, systems, shell, bootId, machineId } = await lookFor(session, decision);
    const transaction = status.underWay.find(({ kind }) => kind === 'transaction');
    if (transaction === undefined) throw new ObservedProblem(systems, { code: 'nothing-to-decide', word });
    const { deployment: id, by: owner, since } = transaction;
    narration.note(`deployment ${id} by ${owner} since ${since} is ${transaction.state}`);
    const facts: Addressee = { bootId, machineId };
    return { state: stateOf(transaction.state), deployment: { id, shell, limits, owner }, facts };
  });
}

const beforeItWaits: readonly TransactionState[] = [
  'locked',
  'gating',
  'gated',
  'previewing',
  'armed',
  'testing',
  'verifying',
];

/**
 * Confirms once the host waits, over a connection that is opened only then: one from before the end of the activation
 * would prove nothing.
 */
async function confirmJoined(joined: Joined, decision: HostDecision): Promise<Outcome> {
  const { narration } = decision;
  const { state } = joined;
  let waited = false;
  if (beforeItWaits.includes(state)) {
    narration.note('it does not wait yet, and is confirmed as soon as it does');
  } else if (state !== 'waiting') {
    narration.note(`not accepted: it does not wait to be confirmed, it is ${state}`, 'warning');
  }
  const outcome = await followToEnd(followingRun(decision), joined, state, async () => {
    waited = true;
    await sayYes(joined, decision);
  });
  if (!waited && beforeItWaits.includes(state)) {
    narration.note('not accepted: it did not come to wait to be confirmed', 'warning');
  }
  return outcome;
}

async function sayYes({ deployment, facts }: Joined, { narration, ports, host, limits }: HostDecision): Promise<void> {
  try {
    const fresh = await ports.connect(host, { timeoutMs: limits.connectTimeoutMs, signal: never });
    try {
      tell(narration, 'confirmed', await decide(fresh, deployment, facts, 'confirmed'));
    } finally {
      await fresh.close();
    }
  } catch (error) {
    const { reason } = ports.explain(problemOf(error), host.name);
    narration.note(`not confirmed, no new connection: ${reason}; the host puts itself back`, 'warning');
  }
}

/** Aborts over the connection that stands, since a host in trouble may take no other. */
async function sayNo(
  session: Session,
  { deployment, facts, state }: Joined,
  { narration }: HostDecision,
): Promise<void> {
  switch (state) {
    case 'promoting':
      narration.note('too late: it was confirmed and is promoting; its verdict is awaited', 'warning');
      return;
    case 'rolling-back':
    case 'holding':
      narration.note('it is on its way back already; its verdict is awaited');
      return;
    default: {
      const won = await decide(session, deployment, facts, 'aborted');
      if (won.decided === 'undecided' && beforeItWaits.includes(state)) {
        narration.note('accepted: once the new system would wait to be confirmed, the host puts itself back');
      } else tell(narration, 'aborted', won);
    }
  }
}

/** Only the word that won is accepted; whose it was otherwise is told. */
function tell(
  narration: Narration,
  word: 'confirmed' | 'aborted',
  { decided, by }: Awaited<ReturnType<typeof decide>>,
): void {
  if (decided === word && by === 'us') narration.note(`accepted: ${word}; its verdict is awaited`);
  else narration.note(`not accepted: ${winners[decided]}; its verdict is awaited`, 'warning');
}

const winners: Readonly<Record<Decision, string>> = {
  confirmed: 'too late, it was confirmed before',
  aborted: 'it was aborted before',
  expired: 'the host’s deadline had passed',
  held: 'it could not put itself back, and is held as it is',
  rebooting: 'it could not put itself back, and reboots',
  released: 'it was released before',
  dismissed: 'another host of its run had failed',
  'gate-expired': 'nobody had released it in time',
  elsewhere: 'another machine, or another boot of it, answered at this address',
  undecided: 'the host does not wait any more',
};

const never = new AbortController().signal;
