import { dirname } from 'node:path';
import type { HostState } from './fleet-state.ts';
import { leaderPid } from './leader.ts';
import { program } from './program.ts';

/** Copies a file or folder of this machine to a path inside the host; rejects if the host is off. */
export async function copyIn(host: HostState, from: string, to: string): Promise<void> {
  const leader = await leaderPid(host);
  if (leader === undefined) throw new Error(`${host.name} is off: nothing can be copied there`);
  const there = `/proc/${leader}/root${to}`;
  await program('mkdir', ['-p', dirname(there)]);
  await program('cp', ['-a', '--no-target-directory', from, there]);
}
