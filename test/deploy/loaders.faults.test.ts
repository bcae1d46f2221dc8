import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

for (const loader of ['systemd-boot', 'grub', 'extlinux']) {
  test(
    `${loader}: a promoted host's boot entry is read back, and a reboot brings up what was promoted`,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const flake = await flakeFixture(lease.directory, {
        [host.name]: `${service('own')} shaped.loader = "${loader}";`,
      });
      const first = await flake.toplevel(host.name);
      const promoted = await flurry(lease, [host.name], { cwd: flake.directory });
      const { verdict, bootDefault } = promoted.result(host.name);
      assert.deepEqual({ verdict, bootDefault }, { verdict: 'promoted', bootDefault: first }, promoted.tail);
      await host.reboot();
      await assertRunsAndBoots(host, first);

      // From this loader to itself, with an older generation beside the new one.
      await flake.change(host.name, `${service('own', '2')} shaped.loader = "${loader}";`);
      const second = await flake.toplevel(host.name);
      const again = await flurry(lease, [host.name], { cwd: flake.directory });
      assert.equal(again.result(host.name).bootDefault, second, again.tail);
      assert.equal((await flurry(lease, [host.name], { cwd: flake.directory })).result(host.name).verdict, 'unchanged');
      await host.reboot();
      await assertRunsAndBoots(host, second);
    }),
  );
}

test(
  'another boot loader: promoted by its profile, and told that the boot entry was not verified',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await host.inside('rm -r /boot/loader');
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} shaped.loader = "none";` });
    const toplevel = await flake.toplevel(host.name);
    const run = await flurryLines(lease, [host.name], { cwd: flake.directory });
    const { running, profile } = await host.facts();
    assert.deepEqual([run.code, running, profile], [0, toplevel, toplevel], run.tail);
    assert.match(run.stdout + run.stderr, /boot entry (was )?not verified/);
  }),
);

test(
  'a boot entry that does not name the new system: promotion undone, rolled back, told what it names',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    // The old loader's files stay, and the new system writes none: the host would boot the old system for ever.
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} shaped.loader = "none";` });
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    const { verdict, code } = run.result(host.name);
    assert.deepEqual({ verdict, code, exit: run.code }, { verdict: 'rolled-back', code: 'promotion-failed', exit: 1 });
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);
