import assert from 'node:assert/strict';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import type { FlakeFixture } from './flake-fixture.ts';

export async function assertNothingExecuted(lease: Lease, flake: FlakeFixture): Promise<void> {
  const { stdout: here } = await program('find', [lease.directory, flake.directory, '-name', 'pwned*']);
  assert.equal(here, '');
  for (const host of lease.hosts) {
    const found = await host.inside('find / -xdev -name "pwned*" -not -path "/proc/*"');
    assert.equal(found.stdout, '');
  }
}
