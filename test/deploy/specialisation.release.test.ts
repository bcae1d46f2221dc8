import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const night = `${service('app')} specialisation.night.configuration = { ${service('night')} };`;

test(
  'a specialisation runs while its parent boots; a failure and a rollback come back to it; the boot loader is installed where that is asked for (six transactions)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name } = host;
    const flake = await flakeFixture(lease.directory, { [name]: night });
    const deploy = async (...words: readonly string[]) => {
      const end = await flurry(lease, ['deploy', name, '-f', flake.directory, ...words]);
      const { verdict, code, reason } = end.result(name);
      return { told: [verdict, code, reason], tail: end.tail };
    };

    const missing = await deploy('--specialisation', 'nihgt');
    const none = `the new system of ${name} has no specialisation "nihgt"; it has night; the system of the host was not changed`;
    assert.deepEqual(missing.told, ['refused', 'no-such-specialisation', none], missing.tail);
    await host.inside('! test -e /var/lib/flurry/history.jsonl');
    assert.equal((await host.inside('readlink -f /run/current-system')).stdout.trim(), lease.baseToplevel);

    const parent = await flake.toplevel(name);
    const first = await deploy('--specialisation', 'night');
    assert.deepEqual(
      first.told,
      ['promoted', null, 'runs its specialisation night; boots it without that'],
      first.tail,
    );
    const special = (await host.inside('readlink -f "$1"/specialisation/night', [parent])).stdout.trim();
    const asSpecial = { running: special, profile: parent, boots: parent, night: 'active' };
    assert.deepEqual(await standing(host), asSpecial);

    const again = await deploy('--specialisation', 'night');
    assert.deepEqual(again.told, ['unchanged', null, 'runs that of it already, and boots it'], again.tail);

    await flake.change(name, `${night} shaped.activationFails = true;`);
    await flake.commit();
    const failed = await deploy();
    assert.deepEqual(failed.told.slice(0, 2), ['rolled-back', 'activation-failed'], failed.tail);
    assert.deepEqual(await standing(host), asSpecial);

    await flake.git('reset', '--quiet', '--hard', 'HEAD^');
    const base = await deploy();
    assert.deepEqual(base.told, ['promoted', null, 'runs and boots it'], base.tail);
    assert.deepEqual(await standing(host), { running: parent, profile: parent, boots: parent, night: 'inactive' });

    const back = await flurry(lease, ['rollback', name]);
    assert.equal(back.result(name).verdict, 'promoted', back.tail);
    assert.deepEqual(await standing(host), asSpecial);

    await host.inside('! test -e /boot/installed');
    const installed = await deploy('--specialisation', 'night', '--install-bootloader');
    assert.equal(installed.told[0], 'promoted', installed.tail);
    assert.equal((await host.inside('cat /boot/installed')).stdout, `${parent}\n`);
    assert.deepEqual(await standing(host), asSpecial);
  }),
);

test(
  'a boot loader that was to be installed anew, and could not, is the old one again: it is installed from the system that the host goes back to',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name } = host;
    const flake = await flakeFixture(lease.directory, { [name]: `${service('app')} shaped.loaderFails = true;` });
    const end = await flurry(lease, [name, '--install-bootloader'], { cwd: flake.directory });
    const { verdict, code } = end.result(name);
    assert.deepEqual([verdict, code, end.code], ['rolled-back', 'promotion-failed', 1], end.tail);
    assert.equal((await host.inside('cat /boot/installed')).stdout, `${lease.baseToplevel}\n`);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

async function standing(host: HostHandle) {
  const link = async (path: string) => (await host.inside('readlink -f "$1"', [path])).stdout.trim();
  return {
    running: await link('/run/current-system'),
    profile: await link('/nix/var/nix/profiles/system'),
    boots: (await host.facts()).bootDefault,
    night: (await host.inside('systemctl is-active night.service || true')).stdout.trim(),
  };
}
