import type { HostStatus } from './status.ts';
import type { Verdict } from './verdict.ts';

/** One deployment that did not come to the same end on all hosts that were looked at; each host is on one side. */
export interface SplitDeployment {
  readonly deployment: string;
  /** These were confirmed: they run, or are about to boot, the new system. */
  readonly confirmed: readonly string[];
  /** These run what they ran before, or are on their way back to it. */
  readonly back: readonly string[];
  readonly inDoubt: readonly string[];
  /** These wait to be confirmed. */
  readonly waiting: readonly string[];
  /** These were cut off by a reboot, and nobody has judged them yet. */
  readonly cutOff: readonly string[];
}

type Side = Exclude<keyof SplitDeployment, 'deployment'>;
const sides: readonly Side[] = ['confirmed', 'back', 'inDoubt', 'waiting', 'cutOff'];

/**
 * Finds the deployments that ended one way here and another way there, or have not ended everywhere, oldest first: what
 * an all-or-nothing run leaves whose coordinator died between two confirmations. Of each host only what is under way,
 * what was cut off, and what ended last is looked at: a host that moved on since then is on no side.
 */
export function splitDeployments(
  hosts: readonly { readonly host: string; readonly status: HostStatus }[],
): readonly SplitDeployment[] {
  const found = new Map<string, Record<Side, string[]>>();
  for (const { host, status } of hosts) {
    for (const [deployment, side] of sidesOf(status)) {
      const known = found.get(deployment) ?? { confirmed: [], back: [], inDoubt: [], waiting: [], cutOff: [] };
      known[side].push(host);
      found.set(deployment, known);
    }
  }
  return [...found]
    .map(([deployment, hostsOn]) => ({ deployment, ...hostsOn }))
    .filter((split) => sides.filter((side) => split[side].length > 0).length > 1)
    .toSorted((a, b) => (a.deployment < b.deployment ? -1 : 1));
}

function sidesOf({ underWay, lastVerdict, cutOff }: HostStatus): ReadonlyMap<string, Side> {
  const on = new Map<string, Side>();
  const put = (deployment: string, side: Side | undefined): void => {
    if (side !== undefined) on.set(deployment, side);
  };
  if (lastVerdict !== null) put(lastVerdict.deployment, sideOfVerdict(lastVerdict.verdict));
  for (const { deployment } of cutOff) put(deployment, 'cutOff');
  for (const { deployment, state } of underWay) put(deployment, sideOfState(state));
  return on;
}

function sideOfVerdict(verdict: Verdict): Side | undefined {
  switch (verdict) {
    case 'promoted':
    case 'tested':
    case 'staged':
      return 'confirmed';
    case 'rolled-back':
    case 'failed':
      return 'back';
    case 'in-doubt':
      return 'inDoubt';
    default:
      return undefined;
  }
}

/** A host that has not come to wait yet may still be about to: it is on no side. */
function sideOfState(state: string): Side | undefined {
  switch (state) {
    case 'waiting':
      return 'waiting';
    case 'promoting':
      return 'confirmed';
    case 'rolling-back':
    case 'holding':
      return 'back';
    default:
      return undefined;
  }
}
