import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { Phase } from '../core/phase.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { isWell } from '../core/verdict.ts';
import { type Deployment, reconcile } from '../host/deployment.ts';
import { logMark } from '../host/journal.ts';
import { observe } from '../host/observe.ts';
import {
  awaitTransaction,
  type CurrentTransaction,
  currentTransaction,
  type Decision,
  decide,
  type TransactionStanding,
  type TransactionState,
  transactionStates,
} from '../host/transaction.ts';
import { type Contact, contactWith } from './contact.ts';
import { problemOfEnd } from './ended-problem.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import type { CheckPorts } from './ports.ts';
import { type Reach, reachOf } from './reach.ts';
import type { Narration } from './stage.ts';
import { longest } from './watch.ts';

/** One host's part of a run of `confirm` or `abort`. */
export interface HostDecision {
  readonly host: Host;
  readonly word: 'confirm' | 'abort';
  readonly limits: Limits;
  readonly ports: CheckPorts;
  readonly narration: Narration;
}

interface UnderWay {
  readonly transaction: CurrentTransaction;
  /** When it was found. */
  readonly state: TransactionState;
  readonly deployment: Deployment;
  readonly contact: Contact;
  readonly reach: Reach;
}

/**
 * Says a person's word to the transaction that is under way on a host, whoever began it, and waits for the host's own
 * verdict, whichever word won. Throws nothing-to-decide where there is none, no-privilege, and as `observe`; from the
 * word on whatever goes wrong is `in-doubt`, and the host goes on by itself.
 */
export async function decideHost(session: Session, decision: HostDecision): Promise<Outcome> {
  const { host, limits, ports, narration } = decision;
  const { transaction, state, deployment } = await findTransaction(session, decision);
  const reach = reachOf(narration, undefined);
  reach.heard({ state });
  const contact = contactWith(session, {
    host,
    connect: ports.connect,
    connectTimeoutMs: limits.connectTimeoutMs,
    reach,
    onFound: () => {},
  });
  const underWay = { transaction, state, deployment, contact, reach };
  try {
    const standing = await narration.stage(phaseOf[state], async () => {
      const seen = await (decision.word === 'confirm' ? sayYes : sayNo)(session, underWay, decision);
      return await untilEnded(underWay, decision, seen);
    });
    return outcomeOf(standing);
  } catch (error) {
    return { verdict: 'in-doubt', problem: problemOf(error) };
  } finally {
    await contact.close();
  }
}

async function findTransaction(session: Session, { word, limits, ports, narration }: HostDecision) {
  return await narration.stage('observe', async () => {
    // A host that is still starting has nothing to decide; it is not waited for.
    const facts = await observe(session, { ...limits, startingTimeoutMs: 1000 }, ports.signal, () => {});
    if (facts.privilege === 'none') throw new ObservedProblem(facts, { code: 'no-privilege', user: facts.user });
    const shell = facts.privilege === 'root' ? 'user' : 'root';
    const transaction = await currentTransaction(session, { shell, timeoutMs: limits.answerTimeoutMs }, ports.signal);
    if (transaction === undefined) throw new ObservedProblem(facts, { code: 'nothing-to-decide', word });
    const { id, owner, since } = transaction;
    narration.note(`deployment ${id} by ${owner} since ${since} is ${transaction.state}`);
    // What cannot be read means a way back to the host as well.
    const state = transactionStates.find((each) => each === transaction.state) ?? 'rolling-back';
    return { transaction, state, deployment: { id, shell, limits, owner } as const };
  });
}

// What a deployment would be doing there.
const phaseOf: Readonly<Record<TransactionState, Phase>> = {
  locked: 'gate',
  gating: 'gate',
  gated: 'gate',
  previewing: 'preview',
  armed: 'gate',
  testing: 'test',
  verifying: 'verify',
  waiting: 'verify',
  promoting: 'promote',
  'rolling-back': 'verify',
  holding: 'verify',
  ended: 'verify',
};

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
 * would prove nothing. Gives the state last seen.
 */
async function sayYes(_: Session, underWay: UnderWay, decision: HostDecision): Promise<TransactionState> {
  const { narration, ports, host, limits } = decision;
  let { state } = underWay;
  if (beforeItWaits.includes(state)) {
    narration.note('it does not wait yet, and is confirmed as soon as it does');
    state = (await standingAfter(underWay, decision, beforeItWaits)).state ?? 'ended';
  }
  if (state !== 'waiting') {
    narration.note(`not accepted: it does not wait to be confirmed, it is ${state}`, 'warning');
    return state;
  }
  try {
    const fresh = await ports.connect(host, { timeoutMs: limits.connectTimeoutMs, signal: never });
    try {
      tell(narration, 'confirmed', await decide(fresh, underWay.deployment, underWay.transaction, 'confirmed'));
    } finally {
      await fresh.close();
    }
  } catch (error) {
    const { reason } = ports.explain(problemOf(error), host.name);
    narration.note(`not confirmed, no new connection: ${reason}; the host puts itself back`, 'warning');
  }
  return state;
}

/** Aborts over the connection that stands, since a host in trouble may take no other. Gives the state last seen. */
async function sayNo(session: Session, underWay: UnderWay, { narration }: HostDecision): Promise<TransactionState> {
  const { transaction, deployment, state } = underWay;
  switch (state) {
    case 'promoting':
      narration.note('too late: it was confirmed and is promoting; its verdict is awaited', 'warning');
      return state;
    case 'rolling-back':
    case 'holding':
      narration.note('it is on its way back already; its verdict is awaited');
      return state;
    default: {
      const won = await decide(session, deployment, transaction, 'aborted');
      if (won.decided === 'undecided' && beforeItWaits.includes(state)) {
        narration.note('accepted: once the new system would wait to be confirmed, the host puts itself back');
      } else tell(narration, 'aborted', won);
      return state;
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

/** Waits for the host's verdict, whatever it is. Throws contact-lost, transaction-unknown, and as `ask`. */
async function untilEnded(
  underWay: UnderWay,
  decision: HostDecision,
  from: TransactionState,
): Promise<TransactionStanding> {
  const { contact, deployment, transaction } = underWay;
  for (let state = from; ; ) {
    if (state === 'holding') {
      decision.narration.note('the host could not put itself back; it is reached, so it is asked to hold', 'warning');
      await contact.persist((session) => decide(session, deployment, transaction, 'held'), longest(decision.limits));
    }
    const standing = await standingAfter(underWay, decision, [state]);
    if (standing.end !== undefined) return standing;
    if (standing.state === undefined) throw new FlurryError({ code: 'transaction-unknown', state });
    if (standing.state !== state) decision.narration.note(`it is ${standing.state} now`);
    state = standing.state;
  }
}

async function standingAfter(
  { contact, deployment, transaction, reach }: UnderWay,
  { narration, limits }: HostDecision,
  whileIn: readonly TransactionState[],
): Promise<TransactionStanding> {
  const limitMs = longest(limits);
  const wait = { whileIn, mark: logMark(deployment.id, 'decide'), limitMs };
  const look = (session: Session) => awaitTransaction(session, deployment, wait, never);
  const standing = await contact.persist(look, limitMs);
  reach.heard(standing);
  if (standing.end !== undefined || !standing.gone) return standing;
  // Neither a unit nor a verdict: a reboot took both. What the host is now tells how it ended.
  if (standing.bootId !== transaction.bootId) narration.note('the host was rebooted meanwhile', 'warning');
  await contact.persist((session) => reconcile(session, deployment), limitMs);
  const late = await contact.persist(look, limitMs);
  if (late.end === undefined) throw new FlurryError({ code: 'transaction-unknown', state: late.state ?? 'unknown' });
  return late;
}

function outcomeOf(standing: TransactionStanding): Outcome {
  const { end } = standing;
  if (end === undefined) throw new FlurryError({ code: 'transaction-unknown', state: standing.state ?? 'unknown' });
  if (isWell(end.verdict))
    return { verdict: end.verdict, said: `the host says: ${end.verdict}`, ...lastSeen(standing) };
  const problem = problemOfEnd(end, { toplevel: 'the new system', tail: '' });
  return { verdict: end.verdict, problem, ...lastSeen(standing) };
}

// The transaction is the host's: to stop watching it half way would only hide how it ended.
const never = new AbortController().signal;
