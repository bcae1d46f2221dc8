import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …';

test(
  'a host key that changes in the middle of a deployment: not confirmed, the host puts itself back, and that is told (20 s: the host keeps its deadline)',
  { skip },
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { common: heldOnTheWay });
    await holdAt(host, 'activation');
    const run = startFlurry(lease, ['-o', 'json', '--confirm-timeout', '10s', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    // The connection that stands stays: only a new one can tell.
    await host.inside(`
      mkdir -p /root/old-keys && cp -a /etc/ssh/ssh_host_* /root/old-keys
      rm /etc/ssh/ssh_host_* && ssh-keygen -q -A && systemctl restart ssh.service`);
    await letGo(host, 'activation');
    const end = await run.ended;
    try {
      const { verdict, code, reason } = end.result(host.name);
      assert.deepEqual([verdict, code], ['in-doubt', 'no-way-in'], end.tail);
      assert.match(
        reason,
        /^the host has put itself back .*: the host key of \S+ is not the one in \S+:\d+, it shows SHA256:/,
      );
      const said = end.events.flatMap((event) => (event.event === 'note' ? event.message : []));
      assert.ok(
        said.some((message) => /^no new connection: the host key .* puts itself back$/.test(message)),
        end.tail,
      );
      assert.equal((await untilEnded(host)).verdict, 'rolled-back');
      await assertRunsAndBoots(host, lease.baseToplevel);
      await assertNothingLeft(host);
      assert.equal(end.code, 3);
    } finally {
      await host.inside('cp -a /root/old-keys/* /etc/ssh/ && rm -r /root/old-keys && systemctl restart ssh.service');
    }
  }),
);
