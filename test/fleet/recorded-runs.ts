import { readdir } from 'node:fs/promises';
import { type FleetState, fleetStateIfPresent } from './fleet-state.ts';
import { runPaths, runsDirectory } from './paths.ts';

/** The runs that are recorded, alive or not. */
export async function recordedRuns(): Promise<readonly FleetState[]> {
  const states = await Promise.all((await runIds()).map((id) => fleetStateIfPresent(runPaths(id).record)));
  return states.flatMap((state) => (state === undefined ? [] : [state]));
}

export async function runIds(): Promise<readonly string[]> {
  return readdir(runsDirectory).catch(() => []);
}
