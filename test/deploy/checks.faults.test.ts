import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { checksOf } from './checks-of.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a check that needs 90 s succeeds on a host that waits 60 s to be confirmed (over 90 s: that is what it takes)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const outputs = `flurry.hosts.${host.name}.checks.jobs = {
      command = [ "test" "-e" "/run/jobs-done" ];
      timeout = "3m";
    };`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { outputs });
    await host.inside('systemd-run --quiet --on-active=100 --timer-property=AccuracySec=100ms touch /run/jobs-done');
    const run = await flurry(lease, [host.name], { cwd: flake.directory, limitMs: 240_000 });
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
    assert.deepEqual(checksOf(run), { jobs: 'passed: exit 0' });
    const waited = run.events.find((event) => event.event === 'check' && event.state === 'passed');
    assert.ok(waited?.event === 'check' && waited.milliseconds > 60_000, 'longer than it would have waited');
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);
