import { activation } from './explain/activation.ts';
import { building } from './explain/building.ts';
import { checks } from './explain/checks.ts';
import { contact } from './explain/contact.ts';
import type { Explanation, Place } from './explain/place.ts';
import { privilege } from './explain/privilege.ts';
import { reaching } from './explain/reaching.ts';
import { reboot } from './explain/reboot.ts';
import { rollback } from './explain/rollback.ts';
import { rollingOut } from './explain/rollout.ts';
import { standing } from './explain/standing.ts';
import { talking } from './explain/talking.ts';
import { shown } from './explain/text.ts';
import { transaction } from './explain/transaction.ts';
import { usage } from './explain/usage.ts';
import type { Problem, ProblemCode } from './problem.ts';

export type { Explanation, Place } from './explain/place.ts';

/** What a table of explanations holds for each code; a missing code does not compile. */
export type Explanations<C extends ProblemCode = ProblemCode> = {
  readonly [K in C]: (problem: Problem<K>, place: Place) => Explanation;
};

const explanations: Explanations = {
  ...usage,
  ...reaching,
  ...talking,
  ...privilege,
  ...standing,
  ...rollback,
  ...rollingOut,
  ...building,
  ...activation,
  ...transaction,
  ...contact,
  ...checks,
  ...reboot,
};

/**
 * Tells a problem to the person: what happened and what to do next. Never throws; nothing that a host or a program
 * printed reaches the result raw, and commands to paste are quoted for a shell.
 */
export function explain(problem: Problem, place: Place): Explanation {
  const { jump } = problem;
  if (jump === undefined) return explainAs(problem.code, problem, place);
  // Commands to paste are about the jump host then; what is to be typed again is not.
  const { reason, remedy } = explainAs(problem.code, problem, { ...place, destination: jump, login: undefined });
  return { reason: `jump host ${shown(jump)}: ${reason}`, remedy };
}

function explainAs<C extends ProblemCode>(code: C, problem: Problem<C>, place: Place): Explanation {
  return explanations[code](problem, place);
}
