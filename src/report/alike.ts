import type { HostResult } from '../core/event.ts';
import { urgencyOf } from './words.ts';

/** Hosts that ended alike: what differs is their names. */
export type Group = readonly [HostResult, ...HostResult[]];

/** Puts hosts with the same verdict, reason, remedy and whatever else is said of them together. The most urgent last: it is the end of a long text that is on the screen. */
export function grouped(
  results: readonly HostResult[],
  alsoSaid: (host: string) => string = () => '',
): readonly Group[] {
  const groups = new Map<string, [HostResult, ...HostResult[]]>();
  for (const result of results) {
    const key = keyOf(result, alsoSaid(result.host));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()].sort((a, b) => urgencyOf(a[0].verdict) - urgencyOf(b[0].verdict));
}

/** Reasons and remedies that differ only by the name of the host are the same. */
function keyOf({ host, verdict, code, reason, remedy }: HostResult, alsoSaid: string): string {
  return [verdict, code ?? '', reason, remedy ?? '', alsoSaid].map((text) => text.replaceAll(host, '\0')).join('\n');
}
