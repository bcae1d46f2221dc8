import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';

/**
 * Tells of hosts that are one machine under two names, as far as it shows before ssh is asked: the same address and port.
 * Two deployments would meet there, and the lock of the host would refuse one of them.
 */
export function oneMachineProblems(
  chosen: readonly { readonly host: Host; readonly typed: string }[],
): readonly Problem<'bad-argument'>[] {
  const first = new Map<string, string>();
  return chosen.flatMap(({ host, typed }) => {
    const place = placeOf(host);
    const other = first.get(place);
    if (other === undefined) {
      first.set(place, typed);
      return [];
    }
    const expected = 'each machine under one of its names: two deployments would meet there';
    const found = `${other} and ${typed}, both ${place}`;
    const next = `name one of the two, or leave one out: --except ${host.name}`;
    return [{ code: 'bad-argument', argument: 'destinations', expected, found, next } as const];
  });
}

/** Names of machines know no case, and a dot at their end says only that they are whole. */
function placeOf({ via, address, port = 22 }: Host): string {
  return via === 'local' ? 'this machine' : `${address.toLowerCase().replace(/\.$/, '')} port ${port}`;
}
