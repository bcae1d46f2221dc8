import { dumpHosts } from './dump.ts';
import { fleetState } from './fleet-state.ts';
import { type Lease, leaseFrom } from './lease.ts';

/** Names the state file of the fleet that tests lease from; `cli.ts run` sets it. */
export const fleetVariable = 'FLURRY_TEST_FLEET';

/** Whether there is a fleet to test with. */
export function fleetAvailable(): boolean {
  return Boolean(process.env[fleetVariable]);
}

/** Leases n hosts of the run's fleet, reset to the base system; waits until as many are free. */
export async function leaseHosts(n: number): Promise<Lease> {
  const path = process.env[fleetVariable];
  if (!path) throw new Error(`${fleetVariable} is not set: run tests by "tsx test/fleet/cli.ts run --hosts N -- …"`);
  return leaseFrom(await fleetState(path), n);
}

/**
 * The body of a test with n leased hosts: `test('…', withHosts(2, async (lease) => { … }))`.
 * A failure dumps all of them into one folder, whose path is printed; the hosts are released in any case.
 */
export function withHosts(n: number, body: (lease: Lease) => Promise<void>): () => Promise<void> {
  return async () => {
    const lease = await leaseHosts(n);
    try {
      await body(lease);
    } catch (error) {
      await dumpLease(lease);
      throw error;
    } finally {
      await lease.release();
    }
  };
}

/** Dumps all hosts of the lease into one new folder and says where; returns its path. */
export async function dumpLease(lease: Lease): Promise<string> {
  return dumpHosts(lease.hosts);
}
