import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'another init interface with --on-inhibitor boot-and-reboot: booted once without a test, and promoted when it is well',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} shaped.initInterfaceVersion = 3;`,
    });
    const toplevel = await flake.toplevel(host.name);
    const run = await flurry(lease, [host.name, '--on-inhibitor', 'boot-and-reboot'], { cwd: flake.directory });
    const { verdict, reason } = run.result(host.name);
    assert.deepEqual([verdict, reason, run.code], ['promoted', 'runs and boots it, after a trial boot', 0], run.tail);
    await assertRunsAndBoots(host, toplevel);
    const phases = run.events.flatMap((event) => (event.event === 'phase-started' ? event.phase : []));
    assert.deepEqual(phases.slice(phases.indexOf('gate')), ['gate', 'promote', 'reboot', 'gate', 'promote']);
    await assertNothingLeft(host);
    const again = await flurry(lease, [host.name, '--on-inhibitor', 'boot-and-reboot'], { cwd: flake.directory });
    assert.equal(again.result(host.name).verdict, 'unchanged', again.tail);
  }),
);
