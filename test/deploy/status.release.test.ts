import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { type FlurryEnd, flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

type StatusSeen = Extract<Event, { readonly event: 'status' }>;

test(
  'status compares what hosts run with the flake that is here: the same, commits behind and ahead, another configuration, a system that the history does not know; and tells failed units and what a reboot is needed for (three deployments)',
  options,
  withHosts(2, async (lease) => {
    const [host, fresh] = lease.hosts;
    assert.ok(host && fresh);
    const kernel = 'shaped.kernelVersion = "6.18.1";';
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own'), spare: kernel });
    const cwd = flake.directory;
    const first = await flake.git('rev-parse', 'HEAD');
    const deploy = await flurry(lease, [host.name], { cwd });
    assert.equal(deploy.code, 0, deploy.tail);
    const look = async () => await flurry(lease, ['status', host.name, fresh.name], { cwd });
    const told = async () => {
      const end = await look();
      assert.equal(end.code, 0, end.tail);
      const [{ flake: ofHost, release }, { flake: ofFresh }] = [seen(end, host.name), seen(end, fresh.name)];
      assert.equal(release?.rev, first);
      assert.deepEqual(ofFresh, { source: 'unknown', configuration: 'unknown', behind: null, ahead: null });
      return ofHost;
    };
    const same = { source: 'same', configuration: 'same', behind: 0, ahead: 0 };
    assert.deepEqual(await told(), same);
    const started = (await look()).events[0];
    assert.equal(started?.event === 'run-started' ? started.flake?.rev : '', first);

    await flake.change(host.name, service('other'));
    assert.deepEqual(await told(), { ...same, source: 'other' }, 'a dirty tree of the same commit');
    await flake.commit();
    assert.deepEqual(await told(), { ...same, source: 'other', behind: 1 });
    await flake.git('checkout', '--quiet', '--orphan', 'elsewhere');
    await flake.commit();
    assert.deepEqual(await told(), { ...same, source: 'other', behind: 1, ahead: 1 }, 'no ancestor in common');
    await flake.git('checkout', '--quiet', first);
    assert.deepEqual(await told(), same);
    const without = await flurry(lease, ['status', host.name, '--no-flake'], { cwd });
    assert.equal(seen(without, host.name).flake, null);

    await flake.git('checkout', '--quiet', 'main');
    const boot = await flurry(lease, ['--goal', 'boot', `${host.name}/spare`], { cwd });
    assert.equal(boot.code, 0, boot.tail);
    await host.inside('systemd-run --quiet --unit=broken false');
    await host.waitUntil('the unit failed', 'systemctl is-failed --quiet broken.service', 10_000);
    const staged = seen(await look(), host.name);
    const { rebootFor, failedUnits, systemState, running, bootDefault } = staged;
    assert.deepEqual(
      { rebootFor, failedUnits, systemState },
      { rebootFor: ['kernel', 'initrd', 'kernel-modules'], failedUnits: ['broken.service'], systemState: 'degraded' },
    );
    assert.notEqual(running, bootDefault);

    const check = await flurry(lease, ['check', host.name, '--allow-degraded'], { cwd });
    assert.equal(check.result(host.name).verdict, 'healthy', check.tail);
    assert.deepEqual(
      check.events.flatMap((event) => (event.event === 'note' ? [event.message] : [])),
      [
        'it runs one system and boots another: a reboot would change what it runs',
        'it needs a reboot, for another kernel, initrd, kernel-modules',
      ],
    );

    // What boots is made what runs: `spare` is now what it is, and would not become from here.
    const tested = await flurry(lease, ['--goal', 'test', '--allow-degraded', `${host.name}/spare`], { cwd });
    assert.equal(tested.code, 0, tested.tail);
    await host.inside('systemd-run --quiet --unit=broken-again false');
    await host.waitUntil('the unit failed', 'systemctl is-failed --quiet broken-again.service', 10_000);
    const lines = await flurryLines(lease, ['status', host.name, fresh.name], { cwd });
    const [, ...rows] = lines.stdout.split('\n');
    assert.deepEqual(
      rows.slice(0, 2).map((row) => row.split(/ {2,}/).slice(0, 2)),
      [
        [fresh.name, '✓ ok'],
        [host.name, '! other config'],
      ],
    );
    for (const line of [
      `· ${host.name} needs a reboot, for another kernel, initrd, kernel-modules`,
      `✗ ${host.name} has failed units: broken-again.service`,
      `! ${host.name} runs the configuration spare, and would get another from this flake`,
    ]) {
      assert.ok(lines.stdout.split('\n').includes(line), `${line}\n${lines.tail}`);
    }
    assert.match(lines.stderr, /^status, flake \. @ [0-9a-f]{7} \(main\) → 2 hosts$/m);
  }),
);

function seen(end: FlurryEnd, host: string): StatusSeen {
  const found = end.events.find((event): event is StatusSeen => event.event === 'status' && event.host === host);
  assert.ok(found, end.tail);
  return found;
}
