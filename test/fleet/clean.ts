import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { announce } from './announce.ts';
import { down } from './detached-fleet.ts';
import { undoMachineChanges } from './machine-changes.ts';
import { cacheRoot, runPaths, stateRoot } from './paths.ts';
import { recordedRuns } from './recorded-runs.ts';
import { reapStaleRuns, withRegistry } from './take-down.ts';

/** Removes all that fleets made or changed on this machine; refuses while a test run is under way. */
export async function clean(): Promise<number> {
  await withRegistry(reapStaleRuns);
  for (const run of await recordedRuns()) {
    if (run.key === '') {
      announce(`the fleet ${run.id} is in use by process ${run.ownerPid}: end that first; nothing else was cleaned`);
      return 1;
    }
    announce(`taking down the fleet ${run.id} (${run.key})`);
    await down(runPaths(run.id).state);
  }
  await withRegistry(undoMachineChanges);
  for (const name of await readdir(cacheRoot).catch(() => [])) {
    if (!/^(rootfs|system)-/.test(name)) continue;
    announce(`deleting ${join(cacheRoot, name)}`);
    await rm(join(cacheRoot, name), { recursive: true, force: true });
  }
  await rm(stateRoot, { recursive: true, force: true });
  return 0;
}
