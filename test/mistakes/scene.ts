import assert from 'node:assert/strict';
import { type FlakeFixture, flakeFixture, service } from '../deploy/flake-fixture.ts';
import { assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type Newcomer, newcomer } from './newcomer.ts';

/** A host called web1 that runs and boots what this flake makes of it, and the person who brought that there. */
export interface Scene {
  readonly lease: Lease;
  readonly host: HostHandle;
  readonly flake: FlakeFixture;
  readonly person: Newcomer;
  /** The toplevel that web1 runs and boots. */
  readonly before: string;
}

/** `skip` of a test of a mistake. */
export const needsHost = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

/** The body of a test that makes mistakes on web1, from a good start. The flake has a web2 as well, of which there is no host. */
export function onWeb1(body: (scene: Scene) => Promise<void>): () => Promise<void> {
  return withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const hosts = { web1: service('website'), web2: service('website') };
    const flake = await flakeFixture(lease.directory, hosts, { name: 'infra' });
    const person = await newcomer(lease, { web1: host }, flake.directory);
    await host.inside('hostname web1');
    try {
      const first = await person.type('flurry web1');
      assert.equal(first.code, 0, first.everything);
      const before = await flake.toplevel('web1');
      await assertRunsAndBoots(host, before);
      await body({ lease, host, flake, person, before });
    } finally {
      await host.inside('hostname "$1"', [host.name]);
    }
  });
}

/** Types or pastes a line and holds how it must end, with some words that must be on the screen. */
export async function ends(
  person: Newcomer,
  line: string,
  expected: { readonly code: number; readonly words?: RegExp },
  answers: Parameters<Newcomer['type']>[1] = {},
): Promise<void> {
  const { code, everything } = await person.type(line, answers);
  assert.equal(code, expected.code, `$ ${line}\n${everything}`);
  if (expected.words !== undefined) assert.match(everything, expected.words);
}
