import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { announce } from './announce.ts';
import { type FileLock, fileLock, tryFileLock } from './file-lock.ts';
import { type FleetState, fleetStateIfPresent } from './fleet-state.ts';
import { removeCgroup } from './host-cgroup.ts';
import { removeBridge, unplug } from './host-network.ts';
import { removeHostSystem } from './host-reset.ts';
import { registryLock, runPaths, stateRoot } from './paths.ts';
import { runIds } from './recorded-runs.ts';

const registryLimitMs = 300_000;

/** Removes all that a run owns, as far as it was made. The record goes last, so an interrupted removal can be resumed. */
export async function takeDown(state: FleetState): Promise<void> {
  const removed = await Promise.allSettled(
    state.hosts.map(async (host) => {
      await removeHostSystem(host);
      await unplug(host);
      await removeCgroup(host);
      // systemd-nspawn leaves this folder behind where /run is not a tmpfs.
      await rm(join('/run/systemd/nspawn/propagate', host.cgroup), { recursive: true, force: true });
    }),
  );
  await removeBridge(state);
  const failures = removed.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0)
    throw new AggregateError(failures, `not all of fleet ${state.id} could be removed: ${failures}`);
  await rm(runPaths(state.id).directory, { recursive: true, force: true });
}

/** Runs with the registry of runs locked. */
export async function withRegistry<T>(body: () => Promise<T>): Promise<T> {
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  const lock = await fileLock(registryLock, registryLimitMs);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}

/** Takes down every run whose owner is dead. Call it with the registry locked. */
export async function reapStaleRuns(): Promise<void> {
  for (const id of await runIds()) {
    const lock = await ownerIsDead(id);
    if (lock === undefined) continue;
    try {
      const state = await fleetStateIfPresent(runPaths(id).record);
      announce(`removing the fleet ${id}, whose owner is gone`);
      if (state === undefined) await rm(runPaths(id).directory, { recursive: true, force: true });
      else await takeDown(state);
    } finally {
      await lock.release();
    }
  }
}

async function ownerIsDead(id: string): Promise<FileLock | undefined> {
  return tryFileLock(runPaths(id).ownerLock);
}
