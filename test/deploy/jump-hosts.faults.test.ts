import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { behindJumpHost } from './behind-jump-host.ts';
import { flakeFixture } from './flake-fixture.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'a host through which another one of the run is reached reboots last, although both may at once',
  options,
  withHosts(2, async (lease) => {
    const [bastion, behind] = lease.hosts;
    assert.ok(bastion && behind);
    const environment = await behindJumpHost(lease, bastion, [behind.name]);
    const newKernel = 'shaped.kernelVersion = "6.18.1";';
    const flake = await flakeFixture(lease.directory, { [bastion.name]: newKernel, [behind.name]: newKernel });
    const words = ['--reboot', 'if-needed', '--parallel-reboots', '2', bastion.name, behind.name];
    const end = await flurry(lease, words, { cwd: flake.directory, environment });
    assert.equal(end.code, 0, end.tail);
    const told = end.events.flatMap((event) => {
      if (event.event === 'phase-started' && event.phase === 'reboot') return `${event.host} reboots`;
      return event.event === 'phase-ended' && event.phase === 'promote' ? `${event.host} is promoted` : [];
    });
    // Once for the trial, and once behind it.
    const steps = [...['is promoted', 'reboots', 'is promoted']];
    assert.deepEqual(
      told.filter((line) => line.startsWith(behind.name)),
      steps.map((step) => `${behind.name} ${step}`),
    );
    assert.deepEqual(told.slice(-3), [
      `${behind.name} is promoted`,
      `${bastion.name} reboots`,
      `${bastion.name} is promoted`,
    ]);
  }),
);
