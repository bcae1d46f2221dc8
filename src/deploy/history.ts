import { count } from '../core/explain/quantity.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { askPastDeployments, type RecordedDeployment } from '../host/past-deployments.ts';
import type { HostTask } from './each-host.ts';
import { problemOfEnd } from './ended-problem.ts';
import type { Outcome } from './outcome.ts';

/** Reads the last deployments of a host, emits them, and changes nothing on it. Throws no-privilege, and what `askPastDeployments` throws. */
export async function historyOfHost(
  session: Session,
  { host, limits, ports, narration }: HostTask,
  last: number,
): Promise<Outcome> {
  return await narration.stage('observe', async () => {
    const asking = { timeoutMs: limits.answerTimeoutMs, last };
    const { deployments, now, unreadable } = await askPastDeployments(session, asking, ports.signal);
    if (unreadable !== undefined) throw new FlurryError(unreadable);
    const told = deployments.map(({ end, ...one }) => ({ ...one, reason: reasonOf(one, end, host.name, ports) }));
    ports.emit({ event: 'history', host: host.name, deployments: told, now });
    const said =
      told.length === 0 ? 'its history has no deployment' : `${count(told.length, 'deployment')} of its history`;
    return { verdict: 'seen', said };
  });
}

function reasonOf(
  { code, to }: Omit<RecordedDeployment, 'end'>,
  end: RecordedDeployment['end'],
  host: string,
  { explain }: HostTask['ports'],
): string | null {
  if (code === null || end === undefined) return null;
  try {
    return explain(problemOfEnd(end, { toplevel: to, tail: '' }), host).reason;
  } catch (error) {
    // Written by another version, or by somebody else.
    if (error instanceof FlurryError && error.problem.code === 'bad-answer') return null;
    throw error;
  }
}
