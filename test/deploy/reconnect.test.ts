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
