import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture } from './flake-fixture.ts';
import { holdAt, letGo, untilHeldAt, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { type RunningFlurry, startFlurry } from './run-flurry.ts';
import { assertSaidOnce, dropConnections, talkative } from './talkative.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'the connection is lost in the build, in the activation and while the host settles: flurry comes back each time, the log has each line once, and the host is promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: talkative });
    await holdAt(host, 'build', 'activation');
    const deploy = startFlurry(lease, ['-o', 'json', '--settle', '3s', host.name], { cwd: flake.directory });

    await untilHeldAt(host, 'build');
    await loseContact(host, deploy, 1);
    await letGo(host, 'build');
    await untilHeldAt(host, 'activation');
    await loseContact(host, deploy, 2);
    await letGo(host, 'activation');
    await untilState(host, 'verifying');
    await loseContact(host, deploy, 3);

    const end = await deploy.ended;
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    assertSaidOnce(end, 'build');
    assertSaidOnce(end, 'activation');
    assert.deepEqual(
      end.events.flatMap((event) => (event.event === 'out-of-reach' ? [[event.contact, event.course]] : [])),
      [
        ['lost', 'builds'],
        ['lost', 'goes-back'],
        ['lost', 'goes-back'],
      ],
    );
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
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

/** Loses every connection to the host, as a router that forgets them; waits until flurry is back. */
async function loseContact(host: HostHandle, deploy: RunningFlurry, time: number): Promise<void> {
  await dropConnections(host);
  let seen = 0;
  const counted = new Set<unknown>();
  await deploy.until(`it is reached again, ${time}`, (event) => {
    if (event.event === 'reached-again' && !counted.has(event)) {
      counted.add(event);
      seen += 1;
    }
    return event.event === 'reached-again' && seen >= time;
  });
}
