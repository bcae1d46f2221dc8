import type { Host } from '../core/host.ts';
import type { AgainstFlake, StatusRelease } from '../core/status.ts';
import { namedLike } from './configuration.ts';

/** A flake with which hosts are compared. */
export interface FlakeHere {
  readonly narHash: string;
  readonly configurations: readonly string[];
  /** Counts the commits that only the revision has (`ahead`), or only the flake (`behind`); undefined where nobody can tell. */
  readonly commitsTo: (rev: string) => Promise<{ readonly ahead: number; readonly behind: number } | undefined>;
}

/**
 * Compares what a host runs with a flake, as far as that can be told without building: `release` is what its history says of
 * the system that it runs. Never claims that two systems are the same, only their source and configuration. Throws the reason of the run's signal.
 */
export async function againstFlake(
  release: StatusRelease | null,
  host: Host,
  { narHash, configurations, commitsTo }: FlakeHere,
): Promise<AgainstFlake> {
  if (release === null) return { source: 'unknown', configuration: 'unknown', behind: null, ahead: null };
  const named = namedLike(host, configurations);
  const configuration = named === undefined ? 'unknown' : named === release.configuration ? 'same' : 'other';
  if (release.narHash === narHash) return { source: 'same', configuration, behind: 0, ahead: 0 };
  const commits = release.rev === null ? undefined : await commitsTo(release.rev);
  return { source: 'other', configuration, behind: commits?.behind ?? null, ahead: commits?.ahead ?? null };
}
