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

/** Reasons and remedies that differ only by the name of the host, or by the address where nothing answered, are the same. */
function keyOf({ host, verdict, code, reason, remedy }: HostResult, alsoSaid: string): string {
  const why = code !== null && unanswered.includes(code) ? reason.replace(address, '\0') : reason;
  return [verdict, code ?? '', why, remedy ?? '', alsoSaid].map((text) => text.replaceAll(host, '\0')).join('\n');
}

const unanswered: readonly string[] = ['connection-refused', 'connect-timeout', 'no-route'];
const address = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\da-f]*:[\da-f:]*:[\da-f]*/i;

/** A row of a table: one host, or several that ended well and alike, of which a row each would only push the others away. */
export type Row<Host> = readonly [Host, ...Host[]];

const mostRows = 20;

/** Puts hosts with the same key together, where they are more than a screen has room for; those without one stay alone. */
export function rowsOf<Host>(hosts: readonly Host[], keyOfHost: (host: Host) => string | null): readonly Row<Host>[] {
  const alike = new Map<string | null, [Host, ...Host[]]>();
  for (const host of hosts) {
    const key = keyOfHost(host);
    const same = alike.get(key);
    if (same === undefined) alike.set(key, [host]);
    else same.push(host);
  }
  return hosts.flatMap((host): readonly Row<Host>[] => {
    const key = keyOfHost(host);
    const row = alike.get(key);
    if (key === null || row === undefined || row.length <= mostRows) return [[host]];
    return row[0] === host ? [row] : [];
  });
}
