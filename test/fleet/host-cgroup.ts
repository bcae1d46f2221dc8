import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { textIfPresent } from './file.ts';
import type { HostState } from './fleet-state.ts';
import { poll } from './poll.ts';
import { program } from './program.ts';

/** cgroup v2 on its own, v2 beside v1, and systemd's own v1 tree: run-host.sh makes the host's group in all there are. */
const trees = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'] as const;

/** Ends everything that belongs to the host, its power supply included, and waits until it is gone. */
export async function killEverything(host: HostState): Promise<void> {
  await poll(
    async () => {
      const pids = await processesOf(host);
      for (const pid of pids) kill(pid);
      return pids.length === 0 ? true : undefined;
    },
    { what: `no process of ${host.cgroup} is left`, limitMs: 20_000, everyMs: 20 },
  );
}

/** Removes the host's groups, deepest first, as far as they are there. */
export async function removeCgroup(host: HostState): Promise<void> {
  for (const tree of trees) {
    const folder = join(tree, host.cgroup);
    // Not `rm -r`: a cgroup's files cannot be deleted, its folder goes by rmdir alone.
    const script = '[ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +';
    await poll(
      async () => (await program('sh', ['-c', script, 'sh', folder], { allowFailure: true })).code === 0 || undefined,
      { what: `the cgroup ${folder} can be removed`, limitMs: 10_000 },
    );
  }
}

async function processesOf(host: HostState): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const tree of trees) {
    for (const group of await groupsBelow(join(tree, host.cgroup))) {
      const text = (await textIfPresent(join(group, 'cgroup.procs')).catch(() => '')) ?? '';
      for (const line of text.split('\n')) if (line !== '') found.add(Number(line));
    }
  }
  return [...found];
}

async function groupsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => groupsBelow(join(folder, entry.name)));
  return [folder, ...(await Promise.all(below)).flat()];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone between the look and the shot.
  }
}
