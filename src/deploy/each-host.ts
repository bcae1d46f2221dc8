import pLimit from 'p-limit';
import type { HostResult } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { Session } from '../core/ports.ts';
import { account } from './account.ts';
import type { Outcome } from './outcome.ts';
import type { CheckPorts } from './ports.ts';
import type { Narration } from './stage.ts';

/** The same for several hosts. */
export interface HostsPlan {
  readonly hosts: readonly { readonly host: Host; readonly limits: Limits }[];
  readonly parallel: number;
  readonly parallelConnects: number;
}

/** One host's part of it. */
export interface HostTask {
  readonly host: Host;
  readonly limits: Limits;
  readonly ports: CheckPorts;
  readonly narration: Narration;
}

export interface EachHost {
  /** The verdict of a problem that was thrown, where it is not the usual one. */
  readonly verdictOf: Parameters<typeof account>[0]['verdictOf'];
  /** How long a host counts as one of the `parallel` ones: to its end, or only until its connection stands. */
  readonly slot: 'whole' | 'connect';
}

/**
 * Does the same work on several hosts side by side, each over a connection of its own that is closed afterwards. Emits
 * what happens to each host; never throws.
 */
export async function onEachHost(
  { hosts, parallel, parallelConnects }: HostsPlan,
  ports: CheckPorts,
  { verdictOf, slot }: EachHost,
  work: (session: Session, task: HostTask) => Promise<Outcome>,
): Promise<readonly HostResult[]> {
  const slots = pLimit(parallel);
  const dials = pLimit(slot === 'connect' ? Math.min(parallel, parallelConnects) : parallelConnects);
  const one = ({ host, limits }: HostsPlan['hosts'][number]): Promise<HostResult> =>
    account({ host: host.name, rev: null, ports, verdictOf }, async (narration) => {
      const session = await dials(() =>
        narration.stage('connect', () =>
          ports.connect(host, {
            timeoutMs: limits.connectTimeoutMs,
            signal: ports.signal,
            say: (line) => narration.log(line),
          }),
        ),
      );
      try {
        return await work(session, { host, limits, ports, narration });
      } finally {
        await session.close();
      }
    });
  return await Promise.all(hosts.map((each) => (slot === 'connect' ? one(each) : slots(() => one(each)))));
}
