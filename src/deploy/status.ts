import type { Session } from '../core/ports.ts';
import type { HostStatus } from '../core/status.ts';
import { askStatus } from '../host/status.ts';
import type { HostTask } from './each-host.ts';
import type { Outcome } from './outcome.ts';

/** Looks how a host stands, emits that, and changes nothing on it. Throws what `askStatus` throws. */
export async function statusOfHost(session: Session, { host, limits, ports, narration }: HostTask): Promise<Outcome> {
  return await narration.stage('observe', async () => {
    const asking = { timeoutMs: limits.answerTimeoutMs };
    const { status, noPrivilege } = await askStatus(session, asking, ports.signal);
    ports.emit({ event: 'status', host: host.name, ...status });
    if (noPrivilege !== undefined) {
      const { reason } = ports.explain(noPrivilege, host.name);
      const unknown = 'seen without root, so whether a deployment is under way is not known';
      narration.note(`${unknown}: ${reason}; what to do: flurry --help privilege`, 'warning');
    }
    const { running, bootDefault, release } = status;
    return {
      verdict: 'seen',
      said: saying(status),
      ...(running === null ? {} : { running }),
      ...(bootDefault === null ? {} : { bootDefault }),
      ...(release?.rev == null ? {} : { rev: release.rev }),
    };
  });
}

function saying({ running, bootDefault, underWay, cutOff }: HostStatus): string {
  const [first] = underWay;
  if (first !== undefined) return `deployment ${first.deployment} of ${first.by} is ${first.state}`;
  const [cut] = cutOff;
  if (cut !== undefined) return `deployment ${cut.deployment} was cut off by a reboot`;
  if (bootDefault === null) return 'nothing is under way; what it boots next is not known';
  return running === bootDefault
    ? 'nothing is under way'
    : 'nothing is under way; it runs one system and boots another';
}
