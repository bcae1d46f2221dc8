import { reaching } from '../core/explain/reaching.ts';
import { standing } from '../core/explain/standing.ts';
import { talking } from '../core/explain/talking.ts';
import { type Explanation, explain } from '../core/explain.ts';
import type { Problem } from '../core/problem.ts';

/** How this run finds its hosts. */
export interface Whereabouts {
  readonly destinations: ReadonlyMap<string, string>;
  readonly sshConfigFile?: string | undefined;
}

/**
 * Puts problems into words for a verb that joined what somebody else began: how a deployment went wrong is mended by a
 * deploy, not by the same command once more, which mends only what went wrong with this run itself.
 */
export function explainJoined(
  explainRun: (problem: Problem, host: string) => Explanation,
  { destinations, sshConfigFile }: Whereabouts,
): (problem: Problem, host: string) => Explanation {
  return (problem, host) =>
    problem.code in aboutThisRun
      ? explainRun(problem, host)
      : explain(problem, { host, destination: destinations.get(host), sshConfigFile });
}

const aboutThisRun = { ...reaching, ...standing, ...talking };
