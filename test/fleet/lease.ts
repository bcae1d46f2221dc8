import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
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
  /** The true keys of all hosts of the fleet, in a file of its own: what a test does to it is no other test's matter. */
  readonly knownHosts: string;
  readonly identity: string;
  /** The toplevel that the hosts run, boot and have as generation 1. */
  readonly baseToplevel: string;
  release(): Promise<void>;
}

// The longest tests hold all hosts for minutes, and others stand in line behind them.
const limitMs = 900_000;

/** Leases n hosts of the fleet, waits until as many are free (15 min for its turn, 15 min for the hosts), and resets them. */
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
    const knownHosts = join(directory, 'known_hosts');
    await copyFile(state.knownHosts, knownHosts);
    await writeSshConfig(sshConfig, { ...state, knownHosts }, hosts);
    const end = async () => {
      await rm(directory, { recursive: true, force: true });
      await release();
    };
    return {
      hosts: hosts.map(hostHandle),
      directory,
      sshConfig,
      knownHosts,
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

/**
 * In turn, and all n or none: two tests that each hold half would wait for each other, and one that wants the whole
 * fleet would never find it free if others could go on taking hosts. Whoever has the turn keeps it until its hosts are
 * free.
 */
async function holdHosts(state: FleetState, n: number): Promise<ReadonlyMap<HostState, FileLock>> {
  const { leases } = runPaths(state.id);
  await mkdir(leases, { recursive: true });
  const limits = { limitMs, everyMs: 200 };
  const turn = await poll(() => tryFileLock(join(leases, 'turn.lock')), {
    what: `the turn for ${n} hosts of the fleet ${state.id} comes`,
    ...limits,
  });
  const held = new Map<HostState, FileLock>();
  try {
    return await poll(
      async () => {
        for (const host of state.hosts) {
          if (held.size === n) break;
          const lock = held.has(host) ? undefined : await tryFileLock(join(leases, `${host.name}.lock`));
          if (lock !== undefined) held.set(host, lock);
        }
        return held.size === n ? held : undefined;
      },
      { what: `${n} hosts of the fleet ${state.id} are free`, ...limits },
    );
  } catch (error) {
    await Promise.all([...held.values()].map((lock) => lock.release()));
    throw error;
  } finally {
    await turn.release();
  }
}
