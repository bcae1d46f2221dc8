import type { Host } from '../core/host.ts';
import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease } from '../core/release.ts';
import { buildPlatformsOf } from '../nix/evaluation.ts';
import { platformsHere } from '../nix/platforms-here.ts';
import { likelyConfigurations } from './likely-configurations.ts';

// To learn a platform can mean to evaluate much of a configuration. What is not known in time is left to the build.
const patienceMs = 60_000;

/**
 * Refuses what this machine cannot build before a host is touched, as far as it is known what the hosts get. Throws
 * `cannot-build-here`, `no-nix`, and the signal's reason.
 */
export async function refuseUnbuildable(
  release: FlakeRelease,
  hosts: readonly Host[],
  signal: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const names = likelyConfigurations(release, hosts);
  const [platforms, here] = await Promise.all([
    buildPlatformsOf({ ...release, names, signal: patience }),
    platformsHere({ nixArguments: release.nixArguments, signal }),
  ]);
  signal.throwIfAborted();
  if (here === undefined) return;
  const configurations = [...platforms]
    .filter(([, platform]) => !here.has(platform))
    .map(([name, platform]) => ({ name, platform }));
  if (configurations.length > 0) throw new FlurryError({ code: 'cannot-build-here', configurations, here: [...here] });
}
