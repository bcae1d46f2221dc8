import { join } from 'node:path';
import { textIfPresent } from './file.ts';
import type { HostState } from './fleet-state.ts';

/** The process id of the host's systemd-nspawn; undefined while the host is off. */
export async function nspawnPid(host: HostState): Promise<number | undefined> {
  const text = await textIfPresent(join(host.directory, 'nspawn.pid'));
  return text?.endsWith('\n') ? Number(text) : undefined;
}

/** The host's process 1 as this machine numbers it; it changes with every boot. Undefined while there is none. */
export async function leaderPid(host: HostState): Promise<number | undefined> {
  const nspawn = await nspawnPid(host);
  if (nspawn === undefined) return undefined;
  const children = (await textIfPresent(`/proc/${nspawn}/task/${nspawn}/children`)) ?? '';
  for (const child of children.split(' ').filter((word) => word !== '')) {
    const status = (await textIfPresent(`/proc/${child}/status`)) ?? '';
    // NSpid lists the id in each pid namespace, innermost last: nspawn's other helpers are not number 1 anywhere.
    if (/^NSpid:.*\t1$/m.test(status)) return Number(child);
  }
  return undefined;
}
