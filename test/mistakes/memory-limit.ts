import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetVariable } from '../fleet/fleet.ts';
import { fleetState } from '../fleet/fleet-state.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { leaderPid } from '../fleet/leader.ts';

const versionOne = '/sys/fs/cgroup/memory';

/** Leaves so much memory to all that the host starts from now on, and has it say so; what is returned takes the limit away. */
export async function limitMemory(host: HostHandle, bytes: number): Promise<() => Promise<void>> {
  const lift = await limit(host, bytes);
  await host.inside(
    `sed "s/^MemTotal:.*/MemTotal: $1 kB/" /proc/meminfo >/run/fleet-meminfo && mount --bind /run/fleet-meminfo /proc/meminfo`,
    [String(bytes / 1024)],
  );
  return async () => {
    await host.inside('umount /proc/meminfo');
    await lift();
  };
}

async function limit(host: HostHandle, bytes: number): Promise<() => Promise<void>> {
  const { hosts } = await fleetState(process.env[fleetVariable] ?? '');
  const state = hosts.find(({ name }) => name === host.name);
  const leader = state && (await leaderPid(state));
  if (state === undefined || leader === undefined) throw new Error(`${host.name} is not up`);
  if (!existsSync(versionOne)) {
    const file = join('/sys/fs/cgroup', state.cgroup, 'memory.max');
    await writeFile(file, String(bytes));
    return () => writeFile(file, 'max');
  }
  const memberships = await readFile(`/proc/${leader}/cgroup`, 'utf8');
  const before = join(versionOne, /^\d+:memory:(.*)$/m.exec(memberships)?.[1] ?? '/');
  const group = join(before, `${state.cgroup}-memory`);
  await mkdir(group);
  await writeFile(join(group, 'memory.limit_in_bytes'), String(bytes));
  await writeFile(join(group, 'cgroup.procs'), String(leader));
  return async () => {
    for (;;) {
      const left = (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter((line) => line !== '');
      if (left.length === 0) break;
      // One may end meanwhile.
      for (const pid of left) await writeFile(join(before, 'cgroup.procs'), pid).catch(() => undefined);
    }
    await rmdir(group);
  };
}
