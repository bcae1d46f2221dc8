import pLimit from 'p-limit';
import type { HostResult } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { Session } from '../core/ports.ts';
import { account } from './account.ts';
import type { Outcome } from './outcome.ts';
import type { CheckPorts } from './ports.ts';
import type { Narration } from './stage.ts';

/** What is known of one host before it is contacted. */
interface HostPart {
  readonly host: Host;
  readonly limits: Limits;
}

/** The same for several hosts. */
export interface HostsPlan<Part extends HostPart = HostPart> {
  readonly hosts: readonly Part[];
  readonly parallel: number;
  readonly parallelConnects: number;
}

/** One host's part of it. */
export type HostTask<Part extends HostPart = HostPart> = Part & {
  readonly ports: CheckPorts;
  readonly narration: Narration;
};

export interface EachHost {
  /** The verdict of a problem that was thrown, where it is not the usual one. */
  readonly verdictOf: Parameters<typeof account>[0]['verdictOf'];
  /**
   * When a host counts as one of the `parallel` ones: only until its connection stands, or only from then on. A host that
   * does not answer never holds up the work on one that does; it only takes one of the `parallelConnects`.
   */
  readonly slot: 'connect' | 'work';
}

/**
 * Does the same work on several hosts side by side, each over a connection of its own that is closed afterwards. Emits
 * what happens to each host; never throws.
 */
export async function onEachHost<Part extends HostPart>(
  { hosts, parallel, parallelConnects }: HostsPlan<Part>,
  ports: CheckPorts,
  { verdictOf, slot }: EachHost,
  work: (session: Session, task: HostTask<Part>) => Promise<Outcome>,
): Promise<readonly HostResult[]> {
  const slots = pLimit(slot === 'work' ? parallel : Number.POSITIVE_INFINITY);
  const dials = pLimit(slot === 'connect' ? Math.min(parallel, parallelConnects) : parallelConnects);
  const one = (part: Part): Promise<HostResult> => {
    const { host, limits } = part;
    return account({ host: host.name, rev: null, ports, verdictOf }, async (narration) => {
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
        return await slots(() => work(session, { ...part, ports, narration }));
      } finally {
        await session.close();
      }
    });
  };
  return await Promise.all(hosts.map(one));
}
