import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileLock, tryFileLock } from './file-lock.ts';
import type { FleetState, HostState } from './fleet-state.ts';
import { type HostHandle, hostHandle } from './host-handle.ts';
import { resetHost } from './host-reset.ts';
import { runPaths } from './paths.ts';
import { poll } from './poll.ts';
import { writeSshConfig } from './ssh-files.ts';

/** Hosts that are one test's own until it releases them, in the known base state. */
export interface Lease extends AsyncDisposable {
  readonly hosts: readonly HostHandle[];
  /** A folder for this test's files, removed with the lease. */
  readonly directory: string;
  /** An ssh_config with an entry for each leased host: user root, the fleet's key, the true host keys. */
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly identity: string;
  /** The toplevel that the hosts run, boot and have as generation 1. */
  readonly baseToplevel: string;
  release(): Promise<void>;
}

const limitMs = 300_000;

/** Leases n hosts of the fleet, waits until as many are free (5 min), and resets them. */
export async function leaseFrom(state: FleetState, n: number): Promise<Lease> {
  if (n > state.hosts.length) throw new Error(`${n} hosts are wanted, the fleet has ${state.hosts.length}`);
  const held = await holdHosts(state, n);
  const release = async () => {
    await Promise.all([...held.values()].map((lock) => lock.release()));
  };
  try {
    const hosts = [...held.keys()];
    await Promise.all(hosts.map((host) => resetHost(state, host)));
    // In the run's own folder: a test that is killed leaves it to the run's end.
    const directory = await mkdtemp(join(runPaths(state.id).leases, 'lease-'));
    const sshConfig = join(directory, 'ssh_config');
    await writeSshConfig(sshConfig, state, hosts);
    const end = async () => {
      await rm(directory, { recursive: true, force: true });
      await release();
    };
    return {
      hosts: hosts.map(hostHandle),
      directory,
      sshConfig,
      knownHosts: state.knownHosts,
      identity: state.identity,
      baseToplevel: state.baseToplevel,
      release: end,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** All n or none at a time: two tests that each hold half would wait for each other. */
async function holdHosts(state: FleetState, n: number): Promise<ReadonlyMap<HostState, FileLock>> {
  const { leases } = runPaths(state.id);
  await mkdir(leases, { recursive: true });
  return poll(
    async () => {
      const turn = await tryFileLock(join(leases, 'turn.lock'));
      if (turn === undefined) return undefined;
      const held = new Map<HostState, FileLock>();
      try {
        for (const host of state.hosts) {
          const lock = held.size < n ? await tryFileLock(join(leases, `${host.name}.lock`)) : undefined;
          if (lock !== undefined) held.set(host, lock);
        }
        if (held.size === n) return held;
        await Promise.all([...held.values()].map((lock) => lock.release()));
        return undefined;
      } finally {
        await turn.release();
      }
    },
    { what: `${n} hosts of the fleet ${state.id} are free`, limitMs, everyMs: 200 },
  );
}
