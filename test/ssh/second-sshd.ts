import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../../src/core/ports.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';

/** A second sshd on a leased host, with options and a log of its own; the first one goes on. */
export interface SecondSshd extends AsyncDisposable {
  readonly port: number;
  /** Of level DEBUG1: complete, and of this server's connections only. */
  log(): Promise<string>;
  count(line: RegExp): Promise<number>;
  /** Lines are put before all others in the host's entry of the ssh configuration. */
  connect(lines?: readonly string[], timeoutMs?: number, hostKeys?: readonly string[]): Promise<Session>;
  connectAs(user: string): Promise<Session>;
}

export type TransportName = 'auto' | 'builtin' | 'openssh';

const port = 2200;

/** Starts it as a unit of its own; it has the same host keys and, unless said otherwise, the same configuration. */
export async function secondSshd(
  lease: Lease,
  host: HostHandle,
  options: readonly string[] = [],
  transport: TransportName = 'builtin',
): Promise<SecondSshd> {
  // Bad logins of one test must not close the door for the next one.
  const all = ['PerSourcePenalties=no', 'LogLevel=DEBUG1', 'PidFile=none', `Port=${port}`, ...options];
  await host.inside(
    `rm -f /run/second-sshd.log
     systemd-run --quiet --collect --unit=second-sshd /usr/sbin/sshd -D -E /run/second-sshd.log "$@"`,
    all.flatMap((option) => ['-o', option]),
  );
  await host.waitUntil(
    'the second sshd listens',
    'grep -q "^Server listening on 0.0.0.0" /run/second-sshd.log',
    20_000,
  );
  const log = async () => (await host.inside('cat /run/second-sshd.log')).stdout;

  return {
    port,
    log,
    count: async (line) => (await log()).match(new RegExp(line, 'gm'))?.length ?? 0,
    connect: async (lines = [], timeoutMs = 30_000, hostKeys = []) => {
      const sshConfigFile = join(lease.directory, `config-${Date.now()}-${Math.random()}`);
      // The host key is known by the address without a port. Of each option the first value counts.
      const entry = [
        `Host ${host.name}`,
        ...lines,
        `HostKeyAlias ${host.address}`,
        `Port ${port}`,
        'IdentitiesOnly yes',
      ];
      await writeFile(sshConfigFile, `${entry.join('\n  ')}\nHost *\n  Include ${lease.sshConfig}\n`);
      const signal = new AbortController().signal;
      const named = { name: host.name, address: host.name, hostKeys };
      return sshConnect({ sshConfigFile, transport })(named, { timeoutMs, signal });
    },
    connectAs: (user) =>
      sshConnect({ sshConfigFile: lease.sshConfig, transport })(
        { name: host.name, address: host.name, user, port },
        { timeoutMs: 30_000, signal: new AbortController().signal },
      ),
    [Symbol.asyncDispose]: async () => {
      await host.mendNetwork();
      await host.inside('systemctl stop second-sshd; rm -f /run/second-sshd.log', [], { allowFailure: true });
    },
  };
}
