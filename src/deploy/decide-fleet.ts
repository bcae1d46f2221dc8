import pLimit from 'p-limit';
import type { HostResult } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import type { Verdict } from '../core/verdict.ts';
import { account } from './account.ts';
import { decideHost } from './decide-host.ts';
import { isUnreachable } from './outcome.ts';
import type { CheckPorts } from './ports.ts';

/** What `flurry confirm` and `flurry abort` do: one word for what is under way on each of the hosts. */
export interface DecidePlan {
  readonly word: 'confirm' | 'abort';
  readonly hosts: readonly Host[];
  readonly limits: Limits;
  readonly parallel: number;
}

/** Says the word to the hosts side by side, and waits for the verdict of each. Emits what happens; never throws. */
export async function decideFleet(
  { word, hosts, limits, parallel }: DecidePlan,
  ports: CheckPorts,
): Promise<readonly HostResult[]> {
  const slots = pLimit(parallel);
  return await Promise.all(
    hosts.map((host) =>
      slots(() =>
        account({ host: host.name, rev: null, ports, verdictOf }, async (narration) => {
          const { signal } = ports;
          const options = { timeoutMs: limits.connectTimeoutMs, signal };
          const session = await narration.stage('connect', () => ports.connect(host, options));
          try {
            return await decideHost(session, { host, word, limits, ports, narration });
          } finally {
            await session.close();
          }
        }),
      ),
    ),
  );
}

/** Nothing was said to these hosts; what goes on there, goes on. */
function verdictOf(problem: Problem): Verdict | undefined {
  if (problem.code === 'nothing-to-decide') return 'refused';
  return isUnreachable(problem) ? 'unreachable' : undefined;
}
