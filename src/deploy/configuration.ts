import type { Host } from '../core/host.ts';
import { FlurryError } from '../core/problem.ts';

/**
 * Decides which configuration a host gets: the one named in the destination or the flake, else the host's name there, else the
 * host's own hostname, where the flake has them. The hostname is what the host itself says.
 *
 * Throws wrong-host where nothing was named and the host says that it is another configuration of this flake;
 * no-configuration-for-host; no-such-configuration.
 */
export function chooseConfiguration(host: Host, hostname: string, existing: readonly string[]): string {
  if (host.configuration !== undefined) {
    if (existing.includes(host.configuration)) return host.configuration;
    throw new FlurryError({ code: 'no-such-configuration', named: host.configuration, existing });
  }
  const chosen = namedLike(host, existing) ?? hostname;
  if (!existing.includes(chosen)) {
    throw new FlurryError({ code: 'no-configuration-for-host', hostname, existing });
  }
  if (hostname !== chosen && existing.includes(hostname)) {
    throw new FlurryError({ code: 'wrong-host', hostname, configuration: chosen });
  }
  return chosen;
}

/** Gives the configuration that is named for a host, or that is named like it; nothing where only the host can tell. */
export function namedLike(host: Host, existing: readonly string[]): string | undefined {
  if (host.configuration !== undefined) return host.configuration;
  // The word `local` names no host: this machine's own name decides.
  return host.via === 'local' ? undefined : [host.name, host.address].find((name) => existing.includes(name));
}
