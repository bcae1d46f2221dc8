import { count } from '../core/explain/quantity.ts';
import type { Session } from '../core/ports.ts';
import type { HostStatus } from '../core/status.ts';
import { askStatus } from '../host/status.ts';
import { againstFlake, type FlakeHere } from './against-flake.ts';
import type { HostTask } from './each-host.ts';
import type { Outcome } from './outcome.ts';

/** Looks how a host stands, emits that, and changes nothing on it. Throws what `askStatus` throws. */
export async function statusOfHost(
  session: Session,
  { host, limits, ports, narration }: HostTask,
  flake: FlakeHere | undefined,
): Promise<Outcome> {
  return await narration.stage('observe', async () => {
    const asking = { timeoutMs: limits.answerTimeoutMs };
    const { status, noPrivilege } = await askStatus(session, asking, ports.signal);
    const against = flake === undefined ? null : await againstFlake(status.release, host, flake);
    ports.emit({ event: 'status', host: host.name, ...status, flake: against });
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

function saying({ running, bootDefault, rebootFor, failedUnits, underWay, cutOff }: HostStatus): string {
  const [first] = underWay;
  if (first !== undefined) return `deployment ${first.deployment} of ${first.by} is ${first.state}`;
  const [cut] = cutOff;
  if (cut !== undefined) return `deployment ${cut.deployment} was cut off by a reboot`;
  if (bootDefault === null) return 'nothing is under way; what it boots next is not known';
  if (running !== bootDefault) return 'nothing is under way; it runs one system and boots another';
  if (failedUnits.length > 0) return `nothing is under way; ${count(failedUnits.length, 'unit')} failed`;
  return `nothing is under way${rebootFor.length === 0 ? '' : `; a reboot is needed for its ${rebootFor.join(', ')}`}`;
}
