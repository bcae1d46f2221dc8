import { writeFile } from 'node:fs/promises';
import type { FleetState, HostState } from './fleet-state.ts';

/** Writes a known_hosts file with the hosts' true keys, by name and by address. */
export async function writeKnownHosts(path: string, keys: ReadonlyMap<HostState, string>): Promise<void> {
  const lines = [...keys].map(([host, key]) => `${host.name},${host.address} ${key}\n`);
  await writeFile(path, lines.join(''), { mode: 0o600 });
}

/** Writes an ssh_config for the hosts that uses nothing of the user's own. */
export async function writeSshConfig(path: string, state: FleetState, hosts: readonly HostState[]): Promise<void> {
  const entries = hosts.map((host) =>
    [
      `Host ${host.name} ${host.address}`,
      `  HostName ${host.address}`,
      '  User root',
      `  IdentityFile ${state.identity}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile ${state.knownHosts}`,
      '  GlobalKnownHostsFile none',
      '  StrictHostKeyChecking yes',
      '',
    ].join('\n'),
  );
  await writeFile(path, entries.join('\n'), { mode: 0o600 });
}
