import { hostname } from 'node:os';
import type { Host } from '../core/host.ts';
import type { FlakeRelease } from '../core/release.ts';
import { namedLike } from '../deploy/configuration.ts';

/** Gives the configuration of a host as far as it is known before the host is asked; nothing where only it can tell. */
export function likelyConfiguration({ configurations }: FlakeRelease, host: Host): string | undefined {
  const named = namedLike(host, configurations) ?? (host.via === 'local' ? hostname() : undefined);
  return named !== undefined && configurations.includes(named) ? named : undefined;
}

/** The same of several hosts, each name once. */
export function likelyConfigurations(release: FlakeRelease, hosts: readonly Host[]): readonly string[] {
  return [...new Set(hosts.flatMap((host) => likelyConfiguration(release, host) ?? []))];
}
