import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture } from './flake-fixture.ts';
import { holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';
import { assertSaidOnce, talkative } from './talkative.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

for (const seconds of [10, 60]) {
  test(
    `a build from which the coordinator is cut off for ${seconds} s goes on, is found again, and comes to its promotion, with each line once`,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const flake = await flakeFixture(lease.directory, { [host.name]: talkative });
      await holdAt(host, 'build');
      const deploy = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory, limitMs: 240_000 });
      await untilHeldAt(host, 'build');
      await host.cutNetwork();
      await letGo(host, 'build');
      await pause(seconds * 1000);
      await host.mendNetwork();
      const end = await deploy.ended;
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
      // Silence is told after half a minute; a shorter one is not even noticed.
      assert.equal(end.events.filter(({ event }) => event === 'out-of-reach').length, seconds > 30 ? 1 : 0);
      assertSaidOnce(end, 'build');
      assertSaidOnce(end, 'activation');
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
    }),
  );
}
