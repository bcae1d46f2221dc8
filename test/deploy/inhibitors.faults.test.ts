import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

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

const inhibitor = (dbus: string): string =>
  `system.switch.inhibitors = { dbus-implementation = "${dbus}"; same = "1"; };`;

test(
  'an inhibitor differs: refused with its name and nothing touched; with --on-inhibitor boot staged, and told as untested',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: inhibitor('dbus') });
    const old = await flake.toplevel(host.name);
    const first = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(first.result(host.name).verdict, 'promoted', first.tail);
    const history = async () => (await host.inside('cat /var/lib/flurry/history.jsonl')).stdout.trimEnd().split('\n');
    const before = await history();

    await flake.change(host.name, `${service('own')} ${inhibitor('broker')}`);
    const next = await flake.toplevel(host.name, `path:${flake.directory}`);
    for (const goal of ['promote', 'test']) {
      const refused = await flurry(lease, [host.name, '--goal', goal], { cwd: flake.directory });
      const { verdict, code, reason, remedy } = refused.result(host.name);
      assert.deepEqual([verdict, code, refused.code], ['refused', 'switch-inhibited', 1], refused.tail);
      assert.match(reason, /dbus-implementation \("dbus" → "broker"\); the system of the host was not changed/);
      assert.match(remedy ?? '', /--on-inhibitor boot$/m);
    }
    await assertRunsAndBoots(host, old);
    await assertNothingLeft(host);
    // Not even a transaction was begun.
    assert.deepEqual(await history(), before);

    const run = await flurryLines(lease, [host.name, '--on-inhibitor', 'boot'], { cwd: flake.directory });
    const { running, bootDefault } = await host.facts();
    assert.deepEqual([run.code, running, bootDefault], [0, old, next], run.tail);
    assert.match(
      run.stdout + run.stderr,
      /cannot be switched to live, and is not tested: dbus-implementation: dbus → broker/,
    );
    assert.match((await history()).at(-1) ?? '', /"verdict":"staged"/);
    await host.reboot();
    await assertRunsAndBoots(host, next);
  }),
);
