import { randomBytes } from 'node:crypto';

/** Names a deployment: `20261122T032143Z-4f2a`, UTC and chance. It becomes part of unit names and paths on the hosts. */
export function deploymentIdAt(time: Date): string {
  const stamp = time.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}
