import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { addDeployUser, allowSudo } from './deploy-user.ts';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'two hosts of one flake have different settings, and both hold: address, user, elevate, sshOptions, ignoreUnits, settle and buildOn (20 s: two transactions, two builds)',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one !== undefined && two !== undefined);
    await addDeployUser(one);
    await allowSudo(one, 'deploy ALL=(ALL) NOPASSWD: ALL\n');
    // One has a failed unit that only its own settings let pass.
    await one.inside('systemd-run --quiet --wait --unit=old-trouble false || systemctl is-failed --quiet old-trouble');

    const flake = await flakeFixture(lease.directory, { first: service('own'), second: service('own') });
    // No ssh configuration knows the name of two: it is found, and logged in to, by options of its own alone.
    const ofTwo = [
      `HostName=${two.address}`,
      `IdentityFile=${lease.identity}`,
      'IdentitiesOnly=yes',
      `UserKnownHostsFile=${lease.knownHosts}`,
    ];
    const flurryOutput = `flurry = {
      defaults.limits.settle = "1ms";
      hosts.one = {
        address = "${one.address}"; configuration = "first"; user = "deploy"; elevate = "sudo";
        ignoreUnits = [ "old-trouble.service" ]; limits.settle = "7s"; buildOn = "local"; tags = [ "both" ];
      };
      hosts.two = {
        address = "two.invalid"; configuration = "second"; user = "root";
        sshOptions = [ ${ofTwo.map((option) => JSON.stringify(option)).join(' ')} ]; tags = [ "both" ];
      };
    };`;
    const file = join(flake.directory, 'flake.nix');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace('nixosConfigurations =', () => `${flurryOutput}\n      nixosConfigurations =`),
    );
    await flake.commit();
    const environment = { ...buildsHere, FLURRY_SETTLE: '' };

    const end = await flurry(lease, ['@both'], { cwd: flake.directory, environment });
    assert.equal(end.code, 0, end.tail);
    await assertRunsAndBoots(one, await flake.toplevel('first'));
    await assertRunsAndBoots(two, await flake.toplevel('second'));
    const phases = (host: string) =>
      end.events.flatMap((event) => (event.event === 'phase-ended' && event.host === host ? [event] : []));
    const order = (host: string) =>
      phases(host)
        .map(({ phase }) => phase)
        .filter((phase) => phase === 'build' || phase === 'copy');
    assert.deepEqual(
      [order('one'), order('two')],
      [
        ['build', 'copy'],
        ['copy', 'build'],
      ],
      'built here, and there',
    );
    const verified = phases('one').find(({ phase }) => phase === 'verify');
    assert.ok(verified !== undefined && verified.milliseconds >= 7000, 'one settles longer than by default');
    const logins = async (host: typeof one) =>
      (
        await host.inside(
          'journalctl -b -u ssh.service -o cat | sed -n "s/^Accepted publickey for \\([^ ]*\\) .*/\\1/p" | tail -n 2 | sort -u',
        )
      ).stdout;
    assert.deepEqual([await logins(one), await logins(two)], ['deploy\n', 'root\n']);
  }),
);
