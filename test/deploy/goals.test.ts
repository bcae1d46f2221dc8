import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

// Each goal on a host of its own, and what a reboot brings: goals.faults.test.ts.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'the goals, one after the other: built, previewed, tested, promoted, unchanged; and another system staged, which a reboot brings up (six runs and a reboot: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own', 'a') });
    const base = lease.baseToplevel;
    const a = await flake.toplevel(host.name);
    const expectEnd = async (goal: string, verdict: string, [runs, boots]: readonly [string, string]) => {
      const run = await flurry(lease, [host.name, '--goal', goal], { cwd: flake.directory });
      const told = run.result(host.name);
      assert.deepEqual([run.code, told.verdict, told.running, told.bootDefault], [0, verdict, runs, boots], run.tail);
      const found = await host.facts();
      assert.deepEqual([found.running, found.bootDefault, found.profile], [runs, boots, boots], verdict);
      return run;
    };

    await expectEnd('build', 'built', [base, base]);
    await host.inside('nix-store --check-validity "$1"', [a]);
    const preview = await expectEnd('dry-activate', 'previewed', [base, base]);
    assert.ok(
      preview.events.some((event) => event.event === 'log' && event.phase === 'preview' && /would/.test(event.line)),
      preview.tail,
    );
    await host.inside('! systemctl is-active --quiet own.service');
    await expectEnd('test', 'tested', [a, base]);
    await host.inside('systemctl is-active --quiet own.service');
    await expectEnd('promote', 'promoted', [a, a]);
    await expectEnd('promote', 'unchanged', [a, a]);

    await flake.change(host.name, service('own', 'b'));
    await flake.commit();
    const b = await flake.toplevel(host.name);
    await expectEnd('boot', 'staged', [a, b]);
    await assertNothingLeft(host);
    await host.reboot();
    assert.equal((await host.facts()).running, b);
  }),
);
