import type { Fleet } from '../config/fleet/fleet.ts';
import { noFleet } from '../config/fleet/fleet.ts';
import { readFleet } from '../config/fleet/read-fleet.ts';
import type { Verb } from '../config/option.ts';
import { readFleetRequest } from '../config/read-flake-request.ts';
import type { FlakeRequest } from '../config/request.ts';
import { looksLikeSelector } from '../config/selector.ts';
import type { Typed } from '../config/typed.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import type { FlakeSnapshot } from '../core/release.ts';
import { localFlake } from '../nix/local-flake.ts';
import { hasFlurry, readOutputs } from '../nix/outputs.ts';
import { pinFlake } from './flake-release.ts';
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
 * Gives the hosts that the flake tells of; none where no flake was named and none is here, or what is here is none with
 * hosts, or says nothing of them and cannot be evaluated. What is wrong with what it says stands in the fleet. Throws `bad-arguments`, `nobody` where no host is meant, and as
 * FleetNotRead what `pinFlake` and `readOutputs` throw.
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
    return await readFleetHere(request, typed, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FlurryError)) throw error;
    // The flake of some program, in whose folder somebody looks after a host.
    if (request.from === 'default' && error.problem.code === 'no-configurations') return { fleet: noFleet };
    throw new FleetNotRead(error.problem, { cause: error });
  }
}

async function readFleetHere(request: FlakeRequest, typed: Typed, signal: AbortSignal): Promise<FleetHere> {
  const { nixArguments } = request;
  const { snapshot, overrides } = await pinFlake({ ...request, signal });
  const asked = { snapshot, overrides, nixArguments, signal };
  try {
    const { flurry, configurations } = await readOutputs(asked);
    return { fleet: readFleet(flurry, configurations), flake: { snapshot, configurations } };
  } catch (error) {
    // Its hosts cannot be evaluated here, as where an input cannot be fetched; but it says nothing of them either. Where not
    // even that can be told, it may.
    const mayBeUnsaid = problemOf(error).code === 'flake-failed' && areAddresses(typed);
    if (mayBeUnsaid && !(await hasFlurry(asked).catch(() => true))) return { fleet: noFleet };
    throw error;
  }
}

/** Whether each word may be an address: none chooses among hosts that only a flake knows. */
function areAddresses({ destinations, except, all }: Typed): boolean {
  return !all && except.length === 0 && !destinations.some(looksLikeSelector);
}

async function isFlakeHere({ reference }: FlakeRequest): Promise<boolean> {
  return (await localFlake(reference))?.found === true;
}
