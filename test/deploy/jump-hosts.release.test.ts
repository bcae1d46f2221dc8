import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { behindJumpHost } from './behind-jump-host.ts';
import { flakeFixture } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';
import { dropConnections } from './talkative.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'two hosts behind one jump host share one connection to it; when that is killed in the activation another one is made, and both are confirmed by new logins through it',
  options,
  withHosts(3, async (lease) => {
    const [bastion, ...behind] = lease.hosts;
    assert.ok(bastion);
    const names = behind.map(({ name }) => name);
    const environment = await behindJumpHost(lease, bastion, names);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, heldOnTheWay])));
    const before = (await bastion.facts()).sshAccepted;
    for (const host of behind) await holdAt(host, 'activation');
    const deploy = startFlurry(lease, ['-o', 'json', ...names], { cwd: flake.directory, environment });

    for (const host of behind) await untilHeldAt(host, 'activation');
    assert.equal((await bastion.facts()).sshAccepted - before, 1);
    await dropConnections(bastion);
    for (const { name } of behind) {
      await deploy.until(`${name} is back`, (event) => event.event === 'reached-again' && event.host === name);
    }
    for (const host of behind) await letGo(host, 'activation');

    const end = await deploy.ended;
    assert.equal(end.code, 0, end.tail);
    assert.equal((await bastion.facts()).sshAccepted - before, 2);
    for (const host of behind) {
      assert.equal(end.result(host.name).verdict, 'promoted');
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
      // The first, the one that took its place, and the one that confirmed: all from the jump host.
      const { stdout } = await host.inside(
        'journalctl -b -u ssh.service -o cat | sed -n "s/^Accepted publickey for root from \\([^ ]*\\) .*/\\1/p" | tail -n 3',
      );
      assert.equal(stdout, `${bastion.address}\n`.repeat(3));
    }
  }),
);
