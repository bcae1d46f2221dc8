import type { EventBody } from '../core/event.ts';
import type { FlakeSnapshot } from '../core/release.ts';
import type { FlakeHere } from '../deploy/against-flake.ts';
import { localFlake } from '../nix/local-flake.ts';
import { commitsBetween } from '../nix/work-tree.ts';
import type { FleetHere } from './fleet-of-flake.ts';

const limitMs = 5000;

/** Gives what the first line of a run tells of a flake. */
export function flakeOf(snapshot: FlakeSnapshot): Extract<EventBody, { readonly event: 'run-started' }>['flake'] {
  const { reference, rev = null, branch = null, dirtyFiles, narHash } = snapshot;
  return { reference, rev, branch, dirtyFiles, narHash };
}

/** Gives the flake with which hosts are compared; git is asked once for each revision, and only of a folder of this machine. */
export async function flakeHere(
  { snapshot, configurations }: NonNullable<FleetHere['flake']>,
  signal: AbortSignal,
): Promise<FlakeHere> {
  const { reference, narHash, rev, dirtyFiles } = snapshot;
  const directory = (await localFlake(reference))?.directory;
  // What was changed since is in no commit.
  const base = rev ?? (dirtyFiles > 0 ? 'HEAD' : undefined);
  const known = new Map<string, ReturnType<FlakeHere['commitsTo']>>();
  const count = async (of: string): ReturnType<FlakeHere['commitsTo']> => {
    if (directory === undefined || base === undefined) return undefined;
    const limit = AbortSignal.timeout(limitMs);
    try {
      return await commitsBetween(directory, { rev: of, base }, AbortSignal.any([signal, limit]));
    } catch (error) {
      if (limit.aborted && !signal.aborted) return undefined;
      throw error;
    }
  };
  return {
    narHash,
    configurations,
    commitsTo: (of) => {
      const asked = known.get(of) ?? count(of);
      known.set(of, asked);
      return asked;
    },
  };
}
