import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'SIGKILL of the transaction on the host, with the coordinator looking on: rolled-back, told in which state it was killed',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    const run = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    await host.inside('systemctl kill --signal=KILL flurry-activate.service');
    await letGo(host, 'activation');
    const end = await run.ended;
    const { verdict, code, reason } = end.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: end.code },
      {
        verdict: 'rolled-back',
        code: 'transaction-died',
        reason:
          'something killed the deployment on the host while it was testing; the host has put itself back and runs what it ran before',
        exit: 1,
      },
      end.tail,
    );
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);
