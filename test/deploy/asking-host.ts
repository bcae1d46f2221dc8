import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';

// Of this process alone: the programs that set them for the tests beside it are looked through as well.
export const passphrase = `Pf1-opens-the-key-${process.pid}`;
export const password = `Pw2-opens-the-host-${process.pid}`;
/** Of an sshd. */
export const wantsBoth: readonly string[] = [
  'AuthenticationMethods=publickey,password',
  'PermitRootLogin=yes',
  'PasswordAuthentication=yes',
];

/** A host that is reached by an encrypted key, whose own key is not known yet. */
export async function askingConfig(lease: Lease, host: HostHandle, port: number, identity?: string): Promise<void> {
  const key = join(lease.directory, 'encrypted');
  await copyFile(lease.identity, key);
  await program('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', key]);
  await host.inside('echo "root:$1" | chpasswd', [password]);
  const entry = [
    `Host ${host.name}`,
    `HostName ${host.address}`,
    `Port ${port}`,
    'User root',
    `IdentityFile ${identity ?? key}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${join(lease.directory, 'known-anew')}`,
    'GlobalKnownHostsFile none',
  ];
  await writeFile(lease.sshConfig, `${entry.join('\n  ')}\n`);
}

/** Arguments and environment of everything that runs here. */
export async function whatProgramsShow(): Promise<string> {
  return (await program('ps', ['axeww', '-o', 'args'])).stdout;
}
