import { duration } from '../core/explain/quantity.ts';
import { shown } from '../core/explain/text.ts';
import type { FleetStatus, UnderWay } from '../core/status.ts';
import type { SeenHost } from './status-table.ts';
import { type Tone, verdictWords } from './words.ts';

/** What of a host a person wants to know first, in as few words as a cell has room for. */
export interface Standing {
  readonly label: string;
  readonly tone: Tone | 'active';
  /** The higher, the sooner it is to be looked at. */
  readonly urgency: number;
}

/** Gives the most urgent of all that is to be told of a host. */
export function stateOf({ status, verdict }: SeenHost): Standing {
  if (status === null) return { ...verdictWords[verdict], urgency: 3 };
  const [worst] = statesOf(status).toSorted((a, b) => b.urgency - a.urgency);
  return worst ?? { label: 'ok', tone: 'good', urgency: 0 };
}

function statesOf(status: FleetStatus): readonly Standing[] {
  const { underWay, cutOff, lastVerdict, bootsOnce, failedUnits, systemState, rebootFor, seenAs, flake } = status;
  const states: Standing[] = underWay.map(underWayState);
  if (lastVerdict?.verdict === 'in-doubt') states.push({ label: 'IN DOUBT', tone: 'alarm', urgency: 9 });
  if (cutOff.length > 0) states.push({ label: 'cut off', tone: 'warned', urgency: 8 });
  if (bootsAnother(status)) states.push({ label: 'boots another', tone: 'warned', urgency: 6 });
  if (underWay.length === 0 && bootsOnce !== null) states.push({ label: 'on trial', tone: 'warned', urgency: 6 });
  if (flake?.configuration === 'other') states.push({ label: 'other config', tone: 'warned', urgency: 5 });
  if ((flake?.ahead ?? 0) > 0) states.push({ label: 'ahead', tone: 'warned', urgency: 5 });
  if (failedUnits.length > 0) states.push({ label: `${failedUnits.length} failed`, tone: 'bad', urgency: 4 });
  else if (isUnwell(systemState)) states.push({ label: shown(systemState, 13), tone: 'bad', urgency: 4 });
  if (rebootFor.length > 0) states.push({ label: 'reboot', tone: 'quiet', urgency: 2 });
  if (seenAs === 'user') states.push({ label: 'no root', tone: 'quiet', urgency: 1 });
  return states;
}

/** While something is under way, that is the reason. */
export function bootsAnother({ running, bootDefault, underWay }: FleetStatus): boolean {
  return underWay.length === 0 && running !== null && bootDefault !== null && running !== bootDefault;
}

/** What systemd says of a system that has come up, and whose units are all it has to tell of, is no news. */
export function isUnwell(systemState: string): boolean {
  return systemState !== 'running' && systemState !== 'degraded' && systemState !== '';
}

/** Tells whether a host that is in the middle of something will end it well if nobody does anything. */
export function goesOn({ state, atWork }: UnderWay): boolean {
  return atWork && state !== 'rolling-back' && state !== 'holding';
}

function underWayState(each: UnderWay): Standing {
  const { state, secondsLeft, atWork } = each;
  if (!atWork) return { label: 'abandoned', tone: 'warned', urgency: 8 };
  if (state === 'waiting' && secondsLeft !== null)
    return { label: `waits ${duration(secondsLeft * 1000)}`, tone: 'active', urgency: 7 };
  return { label: shown(state, 13), tone: goesOn(each) ? 'active' : 'warned', urgency: goesOn(each) ? 7 : 8 };
}
