import { duration } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import type { Session } from '../core/ports.ts';
import type { Deployment } from '../host/deployment.ts';
import { followJournal, type JournalFollower } from '../host/journal.ts';
import { type Contact, contactWith } from './contact.ts';
import type { FollowingRun } from './host.ts';
import { type Reach, reachOf } from './reach.ts';

/** What stands between us and a host while something of ours goes on there: it may be lost, and is found again. */
export interface HostLink {
  readonly contact: Contact;
  readonly journal: JournalFollower;
  readonly reach: Reach;
}

export interface LinkOptions {
  readonly deployment: Pick<Deployment, 'id' | 'shell'>;
  /** Where what it was begun with is known: who says what the host does while it is out of reach. */
  readonly reach?: Reach;
  /** Whether all that its units print is told, from its start on. */
  readonly log: 'shown' | 'hidden';
  /** Told when contact is lost, before the host is looked for. */
  readonly onLost?: () => void;
  /** Ends the search for a host that was lost. */
  readonly signal?: AbortSignal;
}

/** Does work about a deployment on a host, whose connection may be lost meanwhile and is made anew. Throws as the work. */
export async function withLink<T>(
  session: Session,
  { plan, ports, narration }: FollowingRun,
  { deployment, reach = reachOf(narration, undefined), log, onLost, signal }: LinkOptions,
  work: (link: HostLink) => Promise<T>,
): Promise<T> {
  const { id, shell } = deployment;
  const onLine = (line: string, unit: string): void => narration.log(line, phaseOfUnit[unit.slice(0, -id.length - 1)]);
  const journal = log === 'hidden' ? noJournal : followJournal(session, { deploymentId: id, shell }, onLine);
  const contact = contactWith(session, {
    host: plan.host,
    connect: ports.connect,
    connectTimeoutMs: plan.limits.connectTimeoutMs,
    reach,
    onFound: (found) => journal.follow(found),
    onRefused: (problem, againInMs) => {
      const { reason } = ports.explain(problem, plan.host.name);
      narration.note(
        `it answers, and does not let us in: ${reason}; the next try is in ${duration(againInMs)}`,
        'warning',
      );
    },
    ...(onLost === undefined ? {} : { onLost }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return await work({ contact, journal, reach });
  } finally {
    await journal.stop();
    await contact.close();
  }
}

const noJournal: JournalFollower = { until: async () => {}, follow: () => {}, stop: async () => {} };

// Lines of one unit may reach us after the state that follows it: each belongs to the phase of its unit.
const phaseOfUnit: Readonly<Record<string, Phase>> = {
  'flurry-build': 'build',
  'flurry-preview': 'preview',
  'flurry-gate': 'gate',
  'flurry-test': 'test',
  'flurry-boot': 'promote',
  'flurry-trial': 'promote',
  'flurry-back': 'rollback',
  'flurry-old-boot': 'rollback',
  'flurry-rollback': 'rollback',
};
