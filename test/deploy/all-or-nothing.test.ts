import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';
import { flakeOf, namesOf, together, told } from './together-or-not.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

const isBack = 'the host has put itself back and runs what it ran before';

test(
  '--all-or-nothing: one fails its test while the others wait to be confirmed: all three ran the new system, and run and boot what they ran',
  options,
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [one, bad, two] = hosts;
    assert.ok(one && bad && two);
    const broken = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';
    const flake = await flakeOf(lease, [service('own'), `${heldOnTheWay} ${broken}`, service('own')]);
    await holdAt(bad, 'activation');
    const flags = ['--all-or-nothing', '--parallel', '1', '-o', 'json'];
    const run = startFlurry(lease, [...namesOf(lease), ...flags], { cwd: flake.directory });
    for (const host of [one, two]) {
      await untilState(host, 'waiting');
      assert.equal((await host.facts()).running, await flake.toplevel(host.name));
    }
    await letGo(bad, 'activation');
    const end = await run.ended;
    assert.deepEqual(told(end, bad), {
      verdict: 'rolled-back',
      code: 'units-failed',
      reason: `1 unit failed under the new system: broken.service; ${isBack}`,
    });
    const reason = `${together(bad)}; ${isBack}`;
    for (const host of [one, two]) {
      assert.deepEqual(told(end, host), { verdict: 'rolled-back', code: 'others-failed', reason });
    }
    assert.equal(end.code, 1);
    for (const host of hosts) {
      await assertRunsAndBoots(host, baseToplevel);
      assert.equal((await untilEnded(host)).verdict, 'rolled-back');
      await assertNothingLeft(host);
    }
  }),
);
