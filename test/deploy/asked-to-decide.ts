import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import type { FlakeFixture } from './flake-fixture.ts';
import { type FlurryOnTerminal, flurryOnTerminal } from './on-terminal.ts';
import type { FlurryEnd } from './run-flurry.ts';

const isBack = 'the host has put itself back and runs what it ran before';
export const aborted = `the deployment was aborted before the new system was confirmed; ${isBack}`;

/** Deploys up to the question whether to keep the new system. */
export async function untilAsked(lease: Lease, host: HostHandle, flake: FlakeFixture): Promise<FlurryOnTerminal> {
  // The host is asked for more time every third of the timeout, and the answer tells what was decided meanwhile.
  const flags = ['--confirm', 'ask', '--confirm-timeout', '20s', '-o', 'json'];
  const run = flurryOnTerminal(lease, [...flags, host.name], { cwd: flake.directory });
  await run.untilShown('keep the new system? [y/N] ');
  return run;
}

export function told(end: FlurryEnd, host: HostHandle) {
  const { verdict, code, reason } = end.result(host.name);
  return { exit: end.code, verdict, code, reason };
}

/** What was said about who decided. */
export function decisions(end: FlurryEnd): readonly string[] {
  return end.events.flatMap((event) =>
    event.event === 'note' && /^(not )?accepted: |^too late: |^decided already: /.test(event.message)
      ? [event.message]
      : [],
  );
}
