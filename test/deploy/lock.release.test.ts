import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'no lock is stale: with the coordinator and all of ours on the host killed -9, and the way back once more, the next deployment goes through by itself',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    const first = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    first.kill('SIGKILL');
    await first.ended;
    await host.inside('systemctl kill --signal=KILL "flurry-*.service"');
    await host.waitUntil(
      'the way back is at work',
      'systemctl is-active "flurry-rollback-*.service" | grep -q activating',
      60_000,
    );
    await host.inside('systemctl kill --signal=KILL "flurry-*.service"');
    await letGo(host, 'activation');

    const next = await flurry(lease, [host.name, '--wait-lock', '90s'], { cwd: flake.directory });
    assert.deepEqual([next.result(host.name).verdict, next.code], ['promoted', 0], next.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
  }),
);

test(
  'somebody stops all units of a deployment, the timer of its way back as well: the next deployment has the host put back first, waits for that, and goes through',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: service('more'),
    });
    const first = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await first.untilShown('keep the new system? [y/N] ');
    first.kill('SIGKILL');
    await first.ended;
    await host.inside('systemctl stop "flurry-*.timer"; systemctl kill --signal=KILL flurry-activate.service');
    await host.waitUntil(
      'nobody works on it any more',
      'systemctl stop "flurry-*"; test -z "$(systemctl list-units --all --plain --no-legend "flurry-*")"',
      30_000,
    );
    assert.equal((await host.facts()).running, await flake.toplevel(host.name));

    const next = await flurry(lease, [`${host.name}/second`, '--wait-lock', '90s'], { cwd: flake.directory });
    assert.deepEqual([next.result(host.name).verdict, next.code], ['promoted', 0], next.tail);
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
    await assertRunsAndBoots(host, await flake.toplevel('second'));
    await assertNothingLeft(host);
  }),
);
