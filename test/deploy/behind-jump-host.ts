import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';

/** Gives the environment in which these hosts are reached through the jump host only. */
export async function behindJumpHost(lease: Lease, bastion: HostHandle, names: readonly string[]) {
  const file = join(lease.directory, 'jump_config');
  await writeFile(file, `Host ${names.join(' ')}\n  ProxyJump ${bastion.name}\nHost *\n  Include ${lease.sshConfig}\n`);
  return { FLURRY_SSH_CONFIG: file };
}
