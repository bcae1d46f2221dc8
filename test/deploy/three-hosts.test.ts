import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'three hosts get three configurations of a git flake by one command, in parallel; the second time nothing is done; a reboot comes up in what was promoted (three transactions and a reboot: 20 s and more)',
  options,
  withHosts(3, async (lease) => {
    const { hosts, directory, baseToplevel } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      directory,
      Object.fromEntries(names.map((name) => [name, `${service('own')} environment.etc."who".text = "${name}";`])),
    );
    const toplevels = await Promise.all(names.map((name) => flake.toplevel(name)));
    assert.equal(new Set([...toplevels, baseToplevel]).size, 4);

    const first = await flurry(lease, names, { cwd: flake.directory });
    assert.equal(first.code, 0, first.tail);
    for (const [index, host] of hosts.entries()) {
      assert.equal(first.result(host.name).verdict, 'promoted');
      const facts = await host.facts();
      const expected = toplevels[index];
      assert.deepEqual([facts.running, facts.profile, facts.bootDefault], [expected, expected, expected]);
      assert.equal(facts.sshAccepted, 2, 'one connection for everything, and a new one to confirm');
      assert.equal((await host.inside('cat /etc/who; systemctl is-active own')).stdout, `${host.name}active\n`);
    }

    const standing = 'systemctl show --property=ExecMainStartTimestampMonotonic --value own; ls /nix/var/nix/profiles';
    const before = await Promise.all(hosts.map(async (host) => (await host.inside(standing)).stdout));
    const second = await flurryLines(lease, names, { cwd: flake.directory });
    assert.equal(second.code, 0, second.tail);
    assert.match(second.stdout, /^3 hosts unchanged in /m);
    assert.deepEqual(await Promise.all(hosts.map(async (host) => (await host.inside(standing)).stdout)), before);

    for (const host of hosts) assert.equal((await host.facts()).sshAccepted, 3, 'one connection where nothing is done');

    const [rebooted] = hosts;
    assert.ok(rebooted !== undefined);
    await rebooted.reboot();
    const facts = await rebooted.facts();
    assert.deepEqual([facts.running, facts.booted], [toplevels[0], toplevels[0]]);
  }),
);
