import { problemOf } from '../core/problem.ts';
import { decide, type TransactionStanding, type Word } from '../host/transaction.ts';
import { checksAfter } from './checks-of-host.ts';
import { sayLast, toldIfSlow } from './confirm.ts';
import { freshLine } from './fresh-line.ts';
import type { ActivationRun } from './host.ts';
import { type Kept, keepWaiting } from './keep-waiting.ts';
import type { Reach } from './reach.ts';
import { isRefusal } from './refusal.ts';
import type { Together } from './together.ts';
import { longest, type Watching } from './watch.ts';

/** A host that waits for the others, and its own course meanwhile: it may be decided otherwise, and then that counts. */
export interface Course {
  readonly standing: TransactionStanding;
  /** Gives where it stands once it waits no more. */
  readonly untilLeft: () => Promise<TransactionStanding>;
}

const retryAfterMs = 1000;

/**
 * Keeps a host waiting at its gate, over the connection that stands, until all hosts of the run are gated, and releases
 * it then. Where one has failed it only lets it be: whoever tells the host so is elsewhere, and silence means no. Throws
 * what the host's own course throws.
 */
export async function passGate(
  run: ActivationRun,
  { contact, deployment, facts }: Watching,
  together: Together,
  { standing, untilLeft }: Course,
): Promise<TransactionStanding> {
  const { host, limits } = run.plan;
  const left = untilLeft();
  const say = async (word: Word) =>
    (await contact.persist((over) => decide(over, deployment, facts, word), longest(limits))).decided;
  const kept = keepWaiting({
    say,
    extendMs: limits.confirmTimeoutMs,
    leftMs: leftIn(standing, limits.confirmTimeoutMs),
    until: together.failed,
    onFailure: () => retryAfterMs,
    onEnd: () => together.fail({ kind: 'host', host: host.name }),
  });
  const pass = async (): Promise<void> => {
    if ((await together.arrive(host.name, 'gated')) === 'failed') return;
    kept.stop();
    await say('released').catch(() => {}); // not heard of in time, the host has ended by itself, and says so
  };
  try {
    return await Promise.race([left, pass().then(() => left)]);
  } finally {
    kept.stop();
  }
}

/**
 * Proves over a new connection that a tested host can be logged in to, keeps it waiting over that until it has passed its
 * checks and all hosts of the run wait, and confirms it then: all have just been renewed, so that each can still be told. Where one has failed it
 * only lets it be, as above. Throws what the host's own course throws.
 */
export async function confirmWithAll(
  run: ActivationRun,
  watching: Watching,
  together: Together,
  { standing, untilLeft }: Course,
): Promise<TransactionStanding> {
  const { plan, ports } = run;
  const { reach } = watching;
  const { name } = plan.host;
  if (standing.state !== 'waiting') {
    // Somebody else was faster, and may: the others need not wait for it.
    void together.arrive(name, 'waiting');
    void together.arrive(name, 'renewed');
    return standing;
  }
  const left = untilLeft();
  const { confirmTimeoutMs } = plan.limits;
  const line = freshLine(run, watching);
  const over = new AbortController();
  const fail = () => together.fail({ kind: 'host', host: name });
  const kept = keepWaiting({
    async say(word) {
      const decided = await toldIfSlow(reach.unproven, () => line.say(word));
      reach.again();
      return decided;
    },
    extendMs: confirmTimeoutMs,
    leftMs: leftIn(standing, confirmTimeoutMs),
    until: together.failed,
    onFailure(error) {
      const problem = problemOf(error);
      reach.unproven(ports.explain(problem, name).reason);
      if (isRefusal(problem.code)) {
        fail();
        kept.stop();
      }
      return retryAfterMs;
    },
    onEnd(decided) {
      // By somebody else, who may.
      if (decided !== 'confirmed') fail();
    },
  });
  const confirm = async (): Promise<void> => {
    const stop = AbortSignal.any([ports.signal, together.failed, over.signal]);
    const aborted = await checksAfter(run, watching, stop);
    if (aborted !== undefined) {
      // With the others' failure it is let be: first the host is told why.
      const no = { say: () => line.say({ aborted }), wish: 'aborted', leftMs: confirmTimeoutMs } as const;
      await sayLast(run, watching, { ...no, until: over.signal });
      fail();
      return;
    }
    if (stop.aborted || !(await allWait(run, together, kept))) return;
    const said = { say: () => line.say('confirmed'), leftMs: confirmTimeoutMs, until: over.signal };
    await sayLast(run, watching, said);
  };
  try {
    return await Promise.race([left, confirm().then(() => left)]);
  } finally {
    over.abort();
    kept.stop();
    await line.close();
  }
}

/** Waits until all hosts wait and have just been renewed, and the person who is asked has said yes. */
async function allWait(run: ActivationRun, together: Together, kept: Kept): Promise<boolean> {
  const { plan, ports } = run;
  const { name } = plan.host;
  await kept.renew();
  if ((await together.arrive(name, 'waiting')) === 'failed') return false;
  if (plan.policies.confirm === 'ask' && !(await together.ask((hosts) => ports.askPerson(hosts, ports.signal)))) {
    return false;
  }
  await kept.renew();
  return (await together.arrive(name, 'renewed')) === 'all';
}

/**
 * Silence is a failure for all: where a host whose transaction has begun is out of reach for as long as it would wait to be
 * confirmed, the others are not kept waiting for it.
 */
export function silenceFails(reach: Reach, { plan, together }: ActivationRun): Reach {
  if (together === undefined) return reach;
  let hasBegun = false;
  let silence: NodeJS.Timeout | undefined;
  const fail = () => together.fail({ kind: 'host', host: plan.host.name });
  return {
    begun(terms) {
      hasBegun = true;
      reach.begun(terms);
    },
    heard: (standing) => reach.heard(standing),
    lost() {
      reach.lost();
      if (hasBegun) silence ??= setTimeout(fail, plan.limits.confirmTimeoutMs).unref();
    },
    unproven: (reason) => reach.unproven(reason),
    again() {
      clearTimeout(silence);
      silence = undefined;
      reach.again();
    },
    soonestBackMs: () => reach.soonestBackMs(),
  };
}

function leftIn({ secondsLeft }: TransactionStanding, otherwiseMs: number): number {
  return secondsLeft === undefined ? otherwiseMs : secondsLeft * 1000;
}
