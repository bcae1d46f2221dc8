import type { Fleet } from '../config/fleet/fleet.ts';
import { noFleet } from '../config/fleet/fleet.ts';
import { readFleet } from '../config/fleet/read-fleet.ts';
import type { Verb } from '../config/option.ts';
import { readFleetRequest } from '../config/read-flake-request.ts';
import type { FlakeRequest } from '../config/request.ts';
import { looksLikeSelector } from '../config/selector.ts';
import type { Typed } from '../config/typed.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { FlakeSnapshot } from '../core/release.ts';
import { FleetNotRead } from './fleet-not-read.ts';

/** The hosts that a flake tells of, and the flake, where one was read. */
export interface FleetHere {
  readonly fleet: Fleet;
  readonly flake?: { readonly snapshot: FlakeSnapshot; readonly configurations: readonly string[] };
}

/** As `fleetHere`, for a verb that takes nothing but the hosts. */
export async function fleetFor(...given: Parameters<typeof fleetHere>): Promise<Fleet> {
  return (await fleetHere(...given)).fleet;
}

/**
 * Gives the hosts that the flake tells of; none where no flake was named and none is here, or what is here is none with hosts.
 * What is wrong with what it says stands in the fleet. Throws `bad-arguments`, `nobody` where no host is meant, and as
 * FleetNotRead what `takeSnapshot` and `readOutputs` throw.
 */
export async function fleetHere(
  verb: Exclude<Verb, 'deploy' | 'plan'>,
  typed: Typed,
  nobody: Problem,
  signal: AbortSignal,
): Promise<FleetHere> {
  const request = readFleetRequest(verb, typed);
  if (request !== undefined && 'code' in request) throw new FlurryError(request);
  if (typed.destinations.length === 0 && !typed.all) throw new FlurryError(nobody);
  if (request === undefined) return { fleet: noFleet };
  if (request.from === 'default' && !(await isFlakeHere(request))) return { fleet: noFleet };
  try {
    return await readFleetHere(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FlurryError)) throw error;
    // The flake of some program, in whose folder somebody looks after a host.
    if (request.from === 'default' && error.problem.code === 'no-configurations') return { fleet: noFleet };
    // Its hosts cannot be evaluated here, as where an input cannot be fetched; but it says nothing of them either.
    if (error.problem.code === 'flake-failed' && areAddresses(typed) && !(await namesHosts(request, signal)))
      return { fleet: noFleet };
    throw new FleetNotRead(error.problem, { cause: error });
  }
}

async function readFleetHere({ overrides: _, ...request }: FlakeRequest, signal: AbortSignal): Promise<FleetHere> {
  const [{ takeSnapshot }, { readOutputs }] = await Promise.all([
    import('../nix/snapshot.ts'),
    import('../nix/outputs.ts'),
  ]);
  const snapshot = await takeSnapshot({ ...request, signal });
  const { flurry, configurations } = await readOutputs({ ...request, overrides: [], snapshot, signal });
  return { fleet: readFleet(flurry, configurations), flake: { snapshot, configurations } };
}

/** Words that mean hosts of a flake by something else than their names. */
function areAddresses({ destinations, except, all }: Typed): boolean {
  return !all && except.length === 0 && !destinations.some(looksLikeSelector);
}

/** Where not even that can be told, it may name them. */
async function namesHosts({ overrides: _, ...request }: FlakeRequest, signal: AbortSignal): Promise<boolean> {
  const [{ takeSnapshot }, { hasFlurry }] = await Promise.all([
    import('../nix/snapshot.ts'),
    import('../nix/outputs.ts'),
  ]);
  try {
    const snapshot = await takeSnapshot({ ...request, signal });
    return await hasFlurry({ ...request, overrides: [], snapshot, signal });
  } catch {
    return true;
  }
}

async function isFlakeHere({ reference }: FlakeRequest): Promise<boolean> {
  const { localFlake } = await import('../nix/local-flake.ts');
  return (await localFlake(reference))?.found === true;
}
