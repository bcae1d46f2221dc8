import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test('three hosts get three configurations of a git flake by one command, in parallel; the second time nothing is done', options, async (context) => {
  await withHosts(3, async (lease) => {
    const { hosts, directory, baseToplevel } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      directory,
      Object.fromEntries(names.map((name) => [name, `${service('own')} environment.etc."who".text = "${name}";`])),
    );
    const toplevels = await Promise.all(names.map((name) => flake.toplevel(name)));
    assert.equal(new Set([...toplevels, baseToplevel]).size, 4);

    const first = await flurry(lease, names, { cwd: flake.directory });
    console.log(first.stdout, first.stderr, first.seconds);
    assert.equal(first.code, 0);
    const second = await flurryLines(lease, names, { cwd: flake.directory });
    console.log(second.stdout, second.stderr, second.seconds);
  })();
});
