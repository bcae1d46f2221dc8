import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';

/** A flake in which each host has a service of its own, and these checks: Nix text for each, in their order. */
export async function checked(lease: Lease, ...checks: readonly string[]): Promise<FlakeFixture> {
  const hosts = lease.hosts.map(({ name }, index) => `${name}.checks = { ${checks[index] ?? ''} };`);
  const modules = Object.fromEntries(lease.hosts.map(({ name }) => [name, service('own')]));
  return await flakeFixture(lease.directory, modules, { outputs: `flurry.hosts = { ${hosts.join('\n')} };` });
}
