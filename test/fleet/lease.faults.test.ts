import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, leaseHosts } from './fleet.ts';
import { fleetState } from './fleet-state.ts';
import type { Lease } from './lease.ts';

const skip = fleetAvailable() ? false : 'needs a fleet (root on Linux): tsx test/fleet/cli.ts run --hosts 3 -- …';

// It waits until it has the whole fleet, and all others for it.
test('leases wait for each other and never share a host', { skip }, async () => {
  const state = await fleetState(process.env['FLURRY_TEST_FLEET'] ?? '');
  const all = await leaseHosts(state.hosts.length);
  let second: Lease | undefined;
  const waiting = leaseHosts(1).then((lease) => {
    second = lease;
    return lease;
  });
  // As long as it takes to look into each host: the other lease has asked several times by then.
  for (const host of all.hosts) await host.inside('systemctl is-system-running --wait; systemctl daemon-reload');
  assert.equal(second, undefined);
  await all.release();
  await (await waiting).release();
});

test('who wants the whole fleet gets it although others keep coming', { skip }, async () => {
  const state = await fleetState(process.env['FLURRY_TEST_FLEET'] ?? '');
  let wanted = true;
  const keepComing = async () => {
    while (wanted) await (await leaseHosts(1)).release();
  };
  const others = [keepComing(), keepComing()];
  const whole = await leaseHosts(state.hosts.length);
  wanted = false;
  await whole.release();
  await Promise.all(others);
});
