import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DelayProxy, delayProxy } from '../fleet/delay-proxy.ts';
import type { Lease } from '../fleet/lease.ts';
import type { Chunk } from './phases.ts';

export interface LineOptions {
  readonly roundTripMs: number;
  readonly bitsPerSecond?: number;
}

/** The hosts of a lease behind lines of their own. */
export interface CountedLine extends AsyncDisposable {
  /** An ssh_config that leads there. */
  readonly sshConfig: string;
  readonly chunks: readonly Chunk[];
  readonly connections: () => number;
  readonly total: (way: Chunk['way']) => number;
}

export async function countedLine(lease: Lease, { roundTripMs, bitsPerSecond }: LineOptions): Promise<CountedLine> {
  const chunks: Chunk[] = [];
  let connections = 0;
  let text = await readFile(lease.sshConfig, 'utf8');
  const proxies: DelayProxy[] = [];
  for (const { name, address } of lease.hosts) {
    const proxy = await delayProxy({
      address,
      delayMs: roundTripMs / 2,
      ...(bitsPerSecond === undefined ? {} : { bytesPerSecond: bitsPerSecond / 8 }),
      onConnection() {
        connections += 1;
      },
      onChunk: (way, bytes) => void chunks.push({ at: Date.now(), way, bytes }),
    });
    proxies.push(proxy);
    const detour = `  HostName 127.0.0.1\n  Port ${proxy.port}\n  HostKeyAlias ${name}\n`;
    text = text.replace(`  HostName ${address}\n`, detour);
  }
  const sshConfig = join(lease.directory, 'ssh_config_line');
  await writeFile(sshConfig, text, { mode: 0o600 });
  return {
    sshConfig,
    chunks,
    connections: () => connections,
    total: (way) => chunks.reduce((sum, chunk) => (chunk.way === way ? sum + chunk.bytes : sum), 0),
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy.close();
    },
  };
}
