import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpHosts } from './dump.ts';
import { replaceFile } from './file.ts';
import { type FileLock, tryFileLock } from './file-lock.ts';
import type { FleetState, HostState } from './fleet-state.ts';
import { makeHostKey } from './host-disk.ts';
import { hostHandle } from './host-handle.ts';
import { makeBridge, plugIn, randomSubnet, usedSubnets } from './host-network.ts';
import { firstBoot } from './host-reset.ts';
import { prepareMachine } from './machine-changes.ts';
import { runPaths } from './paths.ts';
import { program } from './program.ts';
import { type RootFileSystem, rootFileSystem } from './rootfs.ts';
import { writeKnownHosts, writeSshConfig } from './ssh-files.ts';
import { reapStaleRuns, takeDown, withRegistry } from './take-down.ts';
import { spawnUndertaker } from './undertaker.ts';

export interface FleetWish {
  readonly names: readonly string[];
  /** For finding the fleet again; empty for a fleet of one run. */
  readonly key: string;
}

/** A fleet that this process owns: it must take it down; if it dies instead, the undertaker does. */
export interface OwnedFleet {
  readonly state: FleetState;
  takeDown(): Promise<void>;
}

/** Boots a fleet, all hosts at once. If that fails or is aborted, what was made is removed before the error is thrown. */
export async function ownFleet(wish: FleetWish, aborted: AbortSignal): Promise<OwnedFleet> {
  await withRegistry(prepareMachine);
  const root = await rootFileSystem();
  aborted.throwIfAborted();
  const { state, lock } = await withRegistry(async () => {
    await reapStaleRuns();
    return register(wish, root);
  });
  spawnUndertaker(state.id);
  const fleet = ownedFleet(state, lock);
  try {
    await boot(state, aborted);
    aborted.throwIfAborted();
  } catch (error) {
    await fleet.takeDown();
    throw error;
  }
  return fleet;
}

/** Writes down what the run will own before any of it is made; the bridge is made at once, to hold the subnet. */
async function register(wish: FleetWish, root: RootFileSystem): Promise<{ state: FleetState; lock: FileLock }> {
  const id = randomBytes(3).toString('hex');
  const paths = runPaths(id);
  const used = await usedSubnets();
  let subnet = randomSubnet();
  while (used.has(subnet)) subnet = randomSubnet();
  const state: FleetState = {
    version: 1,
    id,
    key: wish.key,
    ownerPid: process.pid,
    directory: paths.directory,
    bridge: `flt${id}`,
    subnet,
    layers: [...root.layers],
    baseToplevel: root.baseToplevel,
    identity: paths.identity,
    knownHosts: paths.knownHosts,
    sshConfig: paths.sshConfig,
    hosts: wish.names.map((name, index) => hostState({ id, name, index, subnet })),
  };
  await mkdir(paths.leases, { recursive: true, mode: 0o700 });
  const lock = await tryFileLock(paths.ownerLock);
  if (lock === undefined) throw new Error(`the run id ${id} is taken`);
  await replaceFile(paths.record, `${JSON.stringify(state, null, 2)}\n`);
  await makeBridge(state);
  return { state, lock };
}

function hostState(wish: { id: string; name: string; index: number; subnet: string }): HostState {
  return {
    name: wish.name,
    address: `${wish.subnet}.${11 + wish.index}`,
    machineId: randomBytes(16).toString('hex'),
    directory: join(runPaths(wish.id).directory, 'hosts', wish.name),
    netns: `flt${wish.id}-${wish.name}`,
    // An interface's name has at most 15 letters, so not the host's own name.
    cable: `flt${wish.id}h${wish.index + 1}`,
    cgroup: `flurry-fleet-${wish.id}-${wish.name}`,
  };
}

async function boot(state: FleetState, aborted: AbortSignal): Promise<void> {
  await program('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'fleet', '-f', state.identity]);
  const keys = new Map<HostState, string>();
  // All settle before any error is told: a take-down must not meet hosts that are still being made.
  const booted = await Promise.allSettled(
    state.hosts.map(async (host) => {
      keys.set(host, await makeHostKey(host));
      aborted.throwIfAborted();
      await plugIn(state, host);
      aborted.throwIfAborted();
      await firstBoot(state, host);
    }),
  );
  const failures = booted.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  aborted.throwIfAborted();
  if (failures.length > 0) {
    const dumps = await dumpHosts(state.hosts.map(hostHandle));
    throw new AggregateError(failures, `${failures.length} hosts did not boot (see ${dumps}): ${failures}`);
  }
  await writeKnownHosts(state.knownHosts, keys);
  await writeSshConfig(state.sshConfig, state, state.hosts);
  await replaceFile(runPaths(state.id).state, `${JSON.stringify(state, null, 2)}\n`);
}

function ownedFleet(state: FleetState, lock: FileLock): OwnedFleet {
  let down: Promise<void> | undefined;
  const bringDown = async () => {
    await takeDown(state);
    await lock.release();
  };
  return {
    state,
    takeDown: () => {
      down ??= bringDown();
      return down;
    },
  };
}
