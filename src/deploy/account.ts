import type { HostResult } from '../core/event.ts';
import { type Problem, type ProblemCode, problemOf } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { lastSeen, type Outcome, verdictBeforeChange } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import type { CheckPorts } from './ports.ts';
import { type Narration, narrate } from './stage.ts';

export interface Accounting {
  readonly host: string;
  readonly rev: string | null;
  readonly ports: Pick<CheckPorts, 'emit' | 'signal' | 'explain'>;
  /** The verdict of a problem that was thrown, where it is not the usual one. */
  readonly verdictOf: (problem: Problem) => Verdict | undefined;
}

/**
 * Does a host's work and accounts for it: whatever it does or throws becomes one result, emitted as its verdict. Its time
 * runs from when the work has said that it begins, where it says so.
 */
export async function account(
  { host, rev, ports, verdictOf }: Accounting,
  work: (narration: Narration, begins: () => void) => Promise<Outcome>,
): Promise<HostResult> {
  let startedAt = performance.now();
  const begins = (): void => {
    startedAt = performance.now();
  };
  const outcome = await work(narrate(host, ports.emit), begins).catch((error: unknown) =>
    outcomeOf(error, ports, verdictOf),
  );
  const { verdict, problem, said, running, bootDefault } = outcome;
  // In doubt is only a host whose transaction began: it goes on by itself, whatever we saw last.
  const phase = verdict === 'in-doubt' ? 'verify' : undefined;
  const explained = problem === undefined ? undefined : ports.explain(problem, host, phase);
  const result: HostResult = {
    host,
    verdict,
    code: problem?.code ?? null,
    reason: explained?.reason ?? said ?? verdict,
    remedy: explained?.remedy ?? null,
    running: running ?? null,
    bootDefault: bootDefault ?? null,
    rev: outcome.rev ?? rev,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
  ports.emit({ event: 'verdict', ...result });
  return result;
}

function outcomeOf(error: unknown, ports: Accounting['ports'], verdictOf: Accounting['verdictOf']): Outcome {
  // Once the run is interrupted, whatever broke off did so for that reason.
  const problem: Problem = ports.signal.aborted
    ? { code: 'interrupted', signal: String(ports.signal.reason) }
    : problemOf(error);
  const isNotBegun = notBegun.includes(problem.code);
  const usual = isNotBegun ? 'skipped' : verdictBeforeChange(problem);
  return {
    verdict: verdictOf(problem) ?? usual,
    problem,
    ...(error instanceof ObservedProblem ? lastSeen(error.facts) : {}),
  };
}

/** Others have kept it back. */
const notBegun: readonly ProblemCode[] = ['stopped', 'others-failed', 'wave-stopped', 'dependency-failed'];
