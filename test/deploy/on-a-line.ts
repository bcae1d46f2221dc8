import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DelayOptions, type DelayProxy, delayProxy } from '../fleet/delay-proxy.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { poll } from '../fleet/poll.ts';

/** A host that is reached through a proxy only. */
export interface Line extends AsyncDisposable {
  readonly proxy: DelayProxy;
  /** Arguments for flurry. */
  readonly words: readonly string[];
  /** Waits until so many bytes have come in for the host. */
  untilSent(bytes: number): Promise<void>;
}

export async function throughProxy(
  lease: Lease,
  host: HostHandle,
  options: Omit<DelayOptions, 'address' | 'port'>,
): Promise<Line> {
  const proxy = await delayProxy({ ...options, address: host.address });
  const sshConfig = join(lease.directory, 'ssh_config_proxy');
  const lines = [
    `Host ${host.name}`,
    '  HostName 127.0.0.1',
    `  Port ${proxy.port}`,
    `  HostKeyAlias ${host.name}`,
    '  User root',
    `  IdentityFile ${lease.identity}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${lease.knownHosts}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
  ];
  await writeFile(sshConfig, `${lines.join('\n')}\n`, { mode: 0o600 });
  return {
    proxy,
    words: ['--ssh-config', sshConfig],
    async untilSent(bytes) {
      const enough = async () => (proxy.sentBytes() > bytes ? true : undefined);
      await poll(enough, { what: `${host.name}: ${bytes} bytes are sent`, limitMs: 60_000 });
    },
    [Symbol.asyncDispose]: async () => {
      proxy.resume();
      await proxy.close();
    },
  };
}
