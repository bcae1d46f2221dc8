import type { HostsRequest } from '../config/request.ts';
import { privilege } from '../core/explain/privilege.ts';
import { reaching } from '../core/explain/reaching.ts';
import { standing } from '../core/explain/standing.ts';
import { talking } from '../core/explain/talking.ts';
import { type Explanation, explain } from '../core/explain.ts';
import type { Problem } from '../core/problem.ts';

/** How this run finds its hosts, and becomes root there. */
export interface Whereabouts {
  readonly request: Pick<HostsRequest, 'sshConfigFile' | 'hosts' | 'typed'>;
  /** The command of another verb for these hosts. */
  readonly commandTo: (verb: string, hosts: readonly string[], words?: readonly string[]) => string;
}

/**
 * Puts problems into words for a verb that joined what somebody else began: how a deployment went wrong is mended by a
 * deploy, not by the same command once more, which mends only what went wrong with this run itself.
 */
export function explainJoined(
  explainRun: (problem: Problem, host: string) => Explanation,
  { request, commandTo }: Whereabouts,
): (problem: Problem, host: string) => Explanation {
  return (problem, host) => {
    if (problem.code in aboutThisRun) return explainRun(problem, host);
    const { sshConfigFile, hosts, typed } = request;
    const elevate = hosts.find((one) => one.host.name === host)?.host.reach?.elevate;
    const toHost = (verb: string, words: readonly string[]) => commandTo(verb, [host], words);
    return explain(problem, {
      host,
      destination: typed.get(host),
      ...{ sshConfigFile, elevate, commandTo: toHost },
    });
  };
}

const aboutThisRun = { ...reaching, ...privilege, ...standing, ...talking };
