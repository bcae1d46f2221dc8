import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease } from '../core/release.ts';

export interface ReleaseRequest {
  readonly reference: string;
  readonly overrides: readonly { readonly input: string; readonly reference: string }[];
  readonly nixArguments: readonly string[];
  readonly copyInputs: 'auto' | 'always' | 'never';
  readonly signal: AbortSignal;
}

/**
 * Pins what is to be deployed: the flake and its overridden inputs as store paths, and the names of its configurations.
 * Throws what the nix room throws: `no-nix`, `no-flake`, `no-lock`, `flake-failed`, `no-configurations`.
 */
export async function readRelease({
  reference,
  overrides,
  nixArguments,
  copyInputs,
  signal,
}: ReleaseRequest): Promise<FlakeRelease> {
  const [{ takeSnapshot }, { pinOverride }, { listConfigurations }, { readInputs }] = await Promise.all([
    import('../nix/snapshot.ts'),
    import('../nix/overrides.ts'),
    import('../nix/evaluation.ts'),
    import('../nix/inputs.ts'),
  ]);
  const snapshot = await takeSnapshot({ reference, nixArguments, signal });
  const pinned = await Promise.all(overrides.map((override) => pinOverride({ ...override, nixArguments, signal })));
  const configurations = await listConfigurations({ snapshot, overrides: pinned, nixArguments, signal });
  if (configurations.length === 0) throw new FlurryError({ code: 'no-configurations', reference });
  const inputs = await readInputs({ snapshot, overrides: pinned, nixArguments }, copyInputs, signal);
  return { kind: 'flake', snapshot, overrides: pinned, inputs, nixArguments, configurations };
}
