import assert from 'node:assert/strict';
import type { HostHandle } from '../fleet/host-handle.ts';
import { hold } from './held-on-the-way.ts';
import type { FlurryEnd } from './run-flurry.ts';

const lines = 30;

/** Prints numbered lines before and behind the place where it stands still. */
const talks = (what: string, place: 'build' | 'activation'): string => {
  const count = (from: number, to: number) => `for i in $(seq ${from} ${to}); do echo "${what} line $i"; done`;
  return `${count(1, lines / 2)}; ${hold(place)}; ${count(lines / 2 + 1, lines)}`;
};

/** A module whose build and activation print numbered lines, before and behind a place where a test can hold them. */
export const talkative = `
  system.extraSystemBuilderCmds = ${JSON.stringify(talks('build', 'build'))};
  system.activationScripts.talks = ${JSON.stringify(talks('activation', 'activation'))};
`;

/** Loses every connection to the host, as a router that forgets them. */
export async function dropConnections(host: HostHandle): Promise<void> {
  // The listener stays; it is called sshd.
  await host.inside('pkill -9 -x sshd-session');
}

/** Each of the numbered lines was logged once, in their order. */
export function assertSaidOnce(end: FlurryEnd, what: string): void {
  const said = end.events.flatMap((event) => (event.event === 'log' ? [event.line] : []));
  const pattern = new RegExp(`\\b${what} line (\\d+)$`);
  const numbers = said.flatMap((line) => pattern.exec(line)?.[1] ?? []).map(Number);
  assert.deepEqual(
    numbers,
    Array.from({ length: lines }, (_, index) => index + 1),
    what,
  );
}
