import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetState, HostState } from './fleet-state.ts';
import { program } from './program.ts';

/** Where the host's root is mounted on this machine while the run lasts. */
export function hostRoot(host: HostState): string {
  return join(host.directory, 'root');
}

const imageSize = '4G';

/**
 * Gives the host a fresh writable layer: a sparse ext4 image, so that a full disk is the host's own, mounted as the
 * upper layer of an overlay. The mounts stay while the host is off, so what it wrote survives reboots and power cuts.
 */
export async function makeDisk(state: FleetState, host: HostState): Promise<void> {
  const image = join(host.directory, 'disk.ext4');
  const layer = join(host.directory, 'layer');
  const root = hostRoot(host);
  for (const path of [layer, root]) await mkdir(path, { recursive: true });
  await program('truncate', ['-s', imageSize, image]);
  await program('mkfs.ext4', ['-q', '-O', '^has_journal', '-m', '0', '-E', 'lazy_itable_init=1,nodiscard', image]);
  await program('mount', ['-o', 'loop,noatime', image, layer]);
  await mkdir(join(layer, 'upper'), { mode: 0o755 });
  await mkdir(join(layer, 'work'));
  // volatile: no fsync reaches the real disk, which tests would wait for. Nothing here outlives this machine's uptime.
  const options = `lowerdir=${state.layers.join(':')},upperdir=${layer}/upper,workdir=${layer}/work,volatile`;
  await program('mount', ['-t', 'overlay', '-o', options, `fleet-${state.id}`, root]);
  await writeIdentity(state, host);
}

/** Unmounts and deletes the host's disk, as far as it is there; the loop device goes with the mount. */
export async function removeDisk(host: HostState): Promise<void> {
  for (const path of [hostRoot(host), join(host.directory, 'layer')]) {
    const mounted = await program('mountpoint', ['-q', path], { allowFailure: true });
    // The loop device must be gone when this returns, so never lazily: whoever still uses it has been ended before.
    if (mounted.code === 0) await program('umount', ['-R', path]);
  }
  await rm(join(host.directory, 'disk.ext4'), { force: true });
}

/** The keys that make the host this host: made once per run, so that a host made anew is still the same one. */
export async function makeHostKey(host: HostState): Promise<string> {
  await mkdir(host.directory, { recursive: true });
  const key = join(host.directory, 'ssh_host_ed25519_key');
  await program('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
  return (await readFile(`${key}.pub`, 'utf8')).trim();
}

async function writeIdentity(state: FleetState, host: HostState): Promise<void> {
  const etc = join(hostRoot(host), 'etc');
  const key = join(host.directory, 'ssh_host_ed25519_key');
  await writeFile(join(etc, 'machine-id'), `${host.machineId}\n`);
  await writeFile(join(etc, 'hostname'), `${host.name}\n`);
  const names = state.hosts.map((other) => `${other.address} ${other.name}`);
  await writeFile(join(etc, 'hosts'), `127.0.0.1 localhost\n::1 localhost\n${names.join('\n')}\n`);
  await copyFile(key, join(etc, 'ssh/ssh_host_ed25519_key'));
  await copyFile(`${key}.pub`, join(etc, 'ssh/ssh_host_ed25519_key.pub'));
  for (const user of ['root', 'alice', 'bob']) {
    await copyFile(`${state.identity}.pub`, join(etc, 'ssh/authorized_keys.d', user));
  }
}
