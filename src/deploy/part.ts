import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import { isWell } from '../core/verdict.ts';
import type { ActivationRun } from './host.ts';
import type { Outcome } from './outcome.ts';
import { ObservedProblem } from './phases.ts';
import type { Split, Together } from './together.ts';

/**
 * Does one host's part of a run in which all change together or not at all: how it ends is told to the others. Throws
 * others-failed where it broke off because another had failed first, and what the work throws.
 */
export async function takePart(
  { plan, narration, together }: Pick<ActivationRun, 'plan' | 'narration'> & { readonly together: Together },
  isLeftOut: (problem: Problem) => boolean,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const { name } = plan.host;
  try {
    const outcome = await work();
    if (outcome.verdict === 'unchanged') together.withdraw(name);
    else if (!isWell(outcome.verdict)) together.fail({ kind: 'host', host: name });
    const split = await together.ended(name, outcome.verdict);
    if (split === undefined) return outcome;
    const words = splitWords(split);
    narration.note(words, 'warning');
    return outcome.said === undefined ? outcome : { ...outcome, said: `${outcome.said}; but ${words}` };
  } catch (error) {
    const problem = problemOf(error);
    if (isLeftOut(problem) || problem.code === 'wave-stopped') together.withdraw(name);
    else if (problem.code === 'declined') together.fail({ kind: 'refused' });
    else together.fail({ kind: 'host', host: name });
    void together.ended(name, 'failed');
    const because = othersFailed(together, name, 'untouched');
    if (because === undefined) throw error;
    throw error instanceof ObservedProblem
      ? new ObservedProblem(error.facts, because, { cause: error })
      : new FlurryError(because, { cause: error });
  }
}

/** The problem of a host that breaks off because another has failed first; nothing where that is not so. */
export function othersFailed(
  together: Together | undefined,
  host: string,
  left: Problem<'others-failed'>['left'],
): Problem<'others-failed'> | undefined {
  const failed = failedFirst(together);
  return failed === undefined || failed === host ? undefined : { code: 'others-failed', host: failed, left };
}

/** The host for which the others do not change; nothing where there is none. */
export function failedFirst(together: Together | undefined): string | undefined {
  return together?.failure?.kind === 'host' ? together.failure.host : undefined;
}

/** Throws others-failed where another host of the run has failed: nothing new is begun then. */
export function refuseAfterOthers({ plan, together }: ActivationRun): void {
  const problem = othersFailed(together, plan.host.name, 'untouched');
  if (problem !== undefined) throw new FlurryError(problem);
}

function splitWords({ kept, lost }: Split): string {
  return [
    `this run was not all or nothing: ${kept.join(', ')} kept the new system, ${lost.join(', ')} did not, after all of them were to be confirmed`,
    'flurry status of all these hosts shows what each runs, flurry rollback brings back those that kept it',
  ].join('; ');
}
