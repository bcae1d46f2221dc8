import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import type { TransactionStanding } from '../host/transaction.ts';
import { proveWayIn } from './confirm.ts';
import { problemOfEnd } from './ended-problem.ts';
import type { FollowingRun } from './host.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import { Left } from './stage.ts';
import { TransactionFailed, untilEnded, type Watched } from './watch.ts';

/** The transaction, and the toplevel that it is about. */
export interface Failing extends Watched {
  readonly toplevel: string;
  /** Where more is known than the host says: what was behind its problem. */
  readonly because?: (problem: Problem, verdict: Verdict) => Problem;
}

/**
 * What a host says that did not make it, once it is back where it was and can be logged in to; `in-doubt` where that
 * cannot be told. Throws only Left.
 */
export async function failedOutcome(error: unknown, run: FollowingRun, failing: Failing): Promise<Outcome> {
  if (!(error instanceof TransactionFailed)) return inDoubt(error);
  return await ended(error, run, failing).catch((lost: unknown) => inDoubt(lost));
}

async function ended({ standing, tail }: TransactionFailed, run: FollowingRun, failing: Failing): Promise<Outcome> {
  const seen =
    standing.end === undefined
      ? await run.narration.stage('rollback', () => untilEnded(run, failing, standing.state ?? 'rolling-back'))
      : standing;
  if (seen.end === undefined) throw new FlurryError({ code: 'transaction-unknown', state: seen.state ?? 'unknown' });
  const { verdict } = seen.end;
  const told = problemOfEnd(seen.end, { toplevel: failing.toplevel, tail });
  const problem = failing.because?.(told, verdict) ?? told;
  if (verdict !== 'rolled-back') return { verdict, problem, ...lastSeen(seen) };
  return await proveWayIn(run).then(
    () => ({ verdict, problem, ...lastSeen(seen) }),
    (lost: unknown) => lockedOut(lost, problem, run, seen),
  );
}

/** It runs what it ran before, and nobody can log in to it all the same. */
function lockedOut(lost: unknown, { code }: Problem, run: FollowingRun, seen: TransactionStanding): Outcome {
  const said = run.ports.explain(problemOf(lost), run.plan.host.name).reason;
  return { verdict: 'in-doubt', problem: { code: 'no-way-in', because: code, said }, ...lastSeen(seen) };
}

/** Nobody can say how it went; the host goes on by itself. Throws Left, which is no such case. */
export function inDoubt(error: unknown): Outcome {
  if (error instanceof Left) throw error;
  return { verdict: 'in-doubt', problem: problemOf(error) };
}
