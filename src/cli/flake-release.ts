import type { CopyInputs } from '../config/request.ts';
import type { FlakeRelease } from '../core/release.ts';
import { changeLocks, readInputs } from '../nix/inputs.ts';
import { readOutputs } from '../nix/outputs.ts';
import { pinOverride } from '../nix/overrides.ts';
import { takeSnapshot } from '../nix/snapshot.ts';

export interface ReleaseRequest {
  readonly reference: string;
  readonly overrides: readonly { readonly input: string; readonly reference: string }[];
  readonly nixArguments: readonly string[];
  readonly signal: AbortSignal;
}

/** What is to be deployed, and what the flake says of where. */
export interface Pinned extends Omit<FlakeRelease, 'inputs'> {
  /** Its output `flurry`; null where it has none. */
  readonly flurry: unknown;
}

/**
 * Pins what is to be deployed: the flake and its overridden inputs as store paths, the names of its configurations, and
 * what it says of hosts.
 * Throws what the nix room throws: `no-nix`, `no-flake`, `no-lock`, `flake-failed`, `no-configurations`.
 */
export async function pinRelease(request: ReleaseRequest): Promise<Pinned> {
  const { nixArguments, signal } = request;
  const pinned = await pinFlake(request);
  const { configurations, flurry } = await readOutputs({ ...pinned, nixArguments, signal });
  return { kind: 'flake', ...pinned, nixArguments, configurations, flurry };
}

/** Pins a flake and those inputs that are overridden by others, and evaluates nothing. Throws as `takeSnapshot` and `pinOverride`. */
export async function pinFlake({
  reference,
  overrides,
  nixArguments,
  signal,
}: ReleaseRequest): Promise<Pick<Pinned, 'snapshot' | 'overrides'>> {
  const snapshot = await takeSnapshot({ reference, nixArguments, signal });
  const pinned = await Promise.all(overrides.map((override) => pinOverride({ ...override, nixArguments, signal })));
  const isChanged = pinned.length > 0 && (await changeLocks({ snapshot, overrides, nixArguments, signal }));
  return { snapshot, overrides: isChanged ? pinned : [] };
}

/** Adds the inputs, of which those that are always copied are fetched. Throws `no-nix` and `flake-failed`. */
export async function withInputs(
  { flurry: _, ...pinned }: Pinned,
  copyInputs: CopyInputs,
  signal: AbortSignal,
): Promise<FlakeRelease> {
  return { ...pinned, inputs: await readInputs(pinned, copyInputs, signal) };
}
