import type { Fleet } from '../config/fleet/fleet.ts';
import { noFleet } from '../config/fleet/fleet.ts';
import { readFleet } from '../config/fleet/read-fleet.ts';
import type { Verb } from '../config/option.ts';
import { readFleetRequest } from '../config/read-flake-request.ts';
import type { FlakeRequest } from '../config/request.ts';
import type { Typed } from '../config/typed.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';

/**
 * Gives the hosts that the flake tells of, for a verb that takes nothing else from it; none where no flake was named and none
 * is here, or what is here is none with hosts. Throws `bad-arguments`, `nobody` where no host is meant, and as `takeSnapshot` and `readOutputs`.
 */
export async function fleetFor(
  verb: Exclude<Verb, 'deploy'>,
  typed: Typed,
  nobody: Problem,
  signal: AbortSignal,
): Promise<Fleet> {
  const request = readFleetRequest(verb, typed);
  if (request !== undefined && 'code' in request) throw new FlurryError(request);
  if (typed.destinations.length === 0 && !typed.all) throw new FlurryError(nobody);
  if (request === undefined) return noFleet;
  if (request.from === 'default' && !(await isFlakeHere(request))) return noFleet;
  const [{ takeSnapshot }, { readOutputs }] = await Promise.all([
    import('../nix/snapshot.ts'),
    import('../nix/outputs.ts'),
  ]);
  const snapshot = await takeSnapshot({ ...request, signal });
  try {
    const { overrides: _, ...rest } = request;
    const { flurry, configurations } = await readOutputs({ ...rest, overrides: [], snapshot, signal });
    return fleetIn(flurry, configurations);
  } catch (error) {
    // The flake of some program, in whose folder somebody looks after a host.
    if (request.from === 'default' && problemOf(error).code === 'no-configurations') return noFleet;
    throw error;
  }
}

/** Reads what a flake says of its hosts. Throws `bad-arguments`. */
export function fleetIn(flurry: unknown, configurations: readonly string[]): Fleet {
  const { fleet, problems } = readFleet(flurry, configurations);
  if (problems !== undefined) throw new FlurryError({ code: 'bad-arguments', problems });
  return fleet;
}

async function isFlakeHere({ reference }: FlakeRequest): Promise<boolean> {
  const { localFlake } = await import('../nix/local-flake.ts');
  return (await localFlake(reference))?.found === true;
}
