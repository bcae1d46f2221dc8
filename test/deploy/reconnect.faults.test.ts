import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture } from './flake-fixture.ts';
import { holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';
import { assertSaidOnce, dropConnections, talkative } from './talkative.ts';

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

test(
  'a laptop that is shut in the activation, and opened when every deadline has passed, finds the truth: rolled back, with every line that it missed (the host first tidies up by itself: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: talkative });
    await holdAt(host, 'activation');
    const words = ['--confirm-timeout', '2s'];
    const deploy = startFlurry(lease, ['-o', 'json', ...words, host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');

    deploy.kill('SIGSTOP');
    await host.cutNetwork();
    await dropConnections(host);
    await letGo(host, 'activation');
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
    await assertNothingLeft(host);
    await host.mendNetwork();
    deploy.kill('SIGCONT');

    const end = await deploy.ended;
    const { verdict, reason } = end.result(host.name);
    assert.deepEqual([end.code, verdict], [1, 'rolled-back'], end.tail);
    assert.match(reason, /^the new system was not confirmed before the deadline of the host; /);
    assertSaidOnce(end, 'activation');
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);

test(
  'a host that is lost while it builds takes no slot, and is given up after --reconnect-timeout: failed, told what goes on there, and not touched; the next one is promoted',
  options,
  withHosts(2, async (lease) => {
    const [lost, next] = lease.hosts;
    assert.ok(lost && next);
    const flake = await flakeFixture(lease.directory, { [lost.name]: talkative, [next.name]: '' });
    await holdAt(lost, 'build');
    const words = ['--parallel', '1', '--reconnect-timeout', '10s', '--connect-timeout', '1s', lost.name, next.name];
    const deploy = startFlurry(lease, ['-o', 'json', ...words], { cwd: flake.directory });
    await untilHeldAt(lost, 'build');
    await lost.inside('systemctl stop ssh.socket ssh.service');
    await dropConnections(lost);
    await deploy.until('the next one builds, while the first is looked for', (event) => {
      assert.ok(event.event !== 'verdict' || event.host !== lost.name, 'given up before');
      return event.event === 'phase-started' && event.host === next.name && event.phase === 'build';
    });
    const end = await deploy.ended;
    await lost.inside('systemctl start ssh.socket ssh.service', [], { allowFailure: true });
    await letGo(lost, 'build');
    const { code, verdict, reason } = end.result(lost.name);
    assert.deepEqual([code, verdict], ['contact-lost', 'failed']);
    assert.match(reason, /what it runs was not touched; its build goes on, and nothing comes of that by itself$/);
    await assertRunsAndBoots(lost, lease.baseToplevel);
    assert.equal(end.result(next.name).verdict, 'promoted', end.tail);
  }),
);
