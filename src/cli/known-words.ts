import type { Fleet } from '../config/fleet/fleet.ts';

/** The words that mean something of a flake, as completions keep them: its hosts, `@tag`, and `.#configuration` where those have other names. */
export function knownWords({ kind, hosts }: Fleet, configurations: readonly string[]): readonly string[] {
  const tags = [...new Set(hosts.flatMap((host) => host.tags))].sort().map((tag) => `@${tag}`);
  const others = kind === 'declared' ? configurations.map((name) => `.#${name}`) : [];
  return [...hosts.map(({ host }) => host.name), ...tags, ...others];
}
