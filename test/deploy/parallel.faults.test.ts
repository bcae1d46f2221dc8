import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { poll } from '../fleet/poll.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { untilState } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'a host that waits for a person takes no slot: with --parallel 1 both wait at the same time, and are promoted',
  options,
  withHosts(2, async (lease) => {
    const { hosts } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, service('own')])));
    const words = ['--parallel', '1', '--confirm', 'ask', '-o', 'json', ...names];
    const run = flurryOnTerminal(lease, words, { cwd: flake.directory });
    for (const host of hosts) await untilState(host, 'waiting');
    for (const host of hosts) assert.equal((await host.facts()).running, await flake.toplevel(host.name));
    // One question at a time.
    const asked = () => run.screen().split('keep the new system?').length - 1;
    for (const count of [1, 2]) {
      await poll(async () => asked() >= count || undefined, { what: `${count} questions`, limitMs: 60_000 });
      run.type('yes\n');
    }
    const end = await run.ended;
    assert.deepEqual(
      names.map((name) => end.result(name).verdict),
      ['promoted', 'promoted'],
      end.tail,
    );
    for (const host of hosts) await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);
