import { randomBytes } from 'node:crypto';
import type { CommandLine } from './command-line.ts';

/** Names a deployment: `20261122T032143Z-4f2a`, UTC and chance. It becomes part of unit names and paths on the hosts. */
export function deploymentIdAt(time: Date): string {
  const stamp = time.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/** Takes the words that name a deployment out of the destinations of `attach`; no other verb has them. */
export function withoutIds(line: CommandLine): { readonly ids: readonly string[]; readonly line: CommandLine } {
  if (line.verb !== 'attach') return { ids: [], line };
  const ids = [...new Set(line.destinations.filter(isDeploymentId))];
  return { ids, line: { ...line, destinations: line.destinations.filter((word) => !isDeploymentId(word)) } };
}

/** Tells whether a word has the form of a deployment's name, or of the promotion behind its trial boot; no host is called so by chance. */
function isDeploymentId(word: string): boolean {
  return /^\d{8}T\d{6}Z-[0-9a-f]{4}(?:-boot)?$/.test(word);
}
