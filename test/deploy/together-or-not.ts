import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture } from './flake-fixture.ts';
import type { FlurryEnd } from './run-flurry.ts';

export const together = (other: HostHandle): string =>
  `${other.name} did not make it, and this host changes with it or not at all`;

export function namesOf(lease: Lease): readonly string[] {
  return lease.hosts.map(({ name }) => name);
}

export async function flakeOf(lease: Lease, modules: readonly string[]): Promise<FlakeFixture> {
  const entries = lease.hosts.map(({ name }, index) => [name, modules[index] ?? '']);
  return await flakeFixture(lease.directory, Object.fromEntries(entries));
}

export function told(end: FlurryEnd, { name }: HostHandle) {
  const { verdict, code, reason } = end.result(name);
  return { verdict, code, reason };
}
