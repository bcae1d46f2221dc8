import { down } from '../fleet/detached-fleet.ts';
import { runPaths } from '../fleet/paths.ts';
import { recordedRuns } from '../fleet/recorded-runs.ts';

/** The fleet of `npm start`, found again by its key. */
export const demoFleet = { key: 'demo', names: ['web1', 'web2', 'web3'], ttl: '1h' } as const;

/** Stops it; returns how many there were. */
export async function stopDemoFleet(): Promise<number> {
  const running = (await recordedRuns()).filter(({ key }) => key === demoFleet.key);
  for (const { id } of running) await down(runPaths(id).state);
  return running.length;
}
