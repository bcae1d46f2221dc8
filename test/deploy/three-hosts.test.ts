import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { type FlurryEnd, flurryLines, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'three hosts get three configurations of a git flake by one command, and build at the same time; each event is a line of JSON, up to a result that repeats every verdict; the second time nothing is done; a reboot comes up in what was promoted (three transactions and a reboot: 20 s and more)',
  options,
  withHosts(3, async (lease) => {
    const { hosts, directory, baseToplevel } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      directory,
      Object.fromEntries(
        names.map((name) => [name, `${service('own')} ${heldBuild} environment.etc."who".text = "${name}";`]),
      ),
    );
    const toplevels = await Promise.all(names.map((name) => flake.toplevel(name)));
    assert.equal(new Set([...toplevels, baseToplevel]).size, 4);

    const run = startFlurry(lease, ['-o', 'json', ...names], { cwd: flake.directory });
    // No build can end before all three have begun.
    for (const { name } of hosts) {
      await run.until(
        `${name} builds`,
        (event) => event.event === 'phase-started' && event.host === name && event.phase === 'build',
      );
    }
    await Promise.all(hosts.map(releaseBuild));
    const first = await run.ended;
    assert.equal(first.code, 0, first.tail);
    assertEvents(first);
    const rev = await flake.git('rev-parse', 'HEAD');
    for (const [index, host] of hosts.entries()) {
      const expected = toplevels[index];
      const { seconds, reason: _, ...told } = first.result(host.name);
      assert.deepEqual(told, {
        ...{ host: host.name, verdict: 'promoted', code: null, remedy: null },
        ...{ running: expected, bootDefault: expected, rev },
      });
      assert.ok(seconds > 0);
      const facts = await host.facts();
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

function assertEvents({ stdout, stderr, events }: FlurryEnd): void {
  assert.equal(stderr, '');
  assert.equal(stdout.trimEnd().split('\n').length, events.length);
  assert.equal(events[0]?.event, 'run-started');
  const result = events.at(-1);
  assert.ok(result?.event === 'result');
  assert.equal(result.exitCode, 0);
  const verdicts = events.filter((event) => event.event === 'verdict');
  assert.deepEqual(
    verdicts.map(({ version, at, event, ...rest }) => rest).sort((a, b) => (a.host < b.host ? -1 : 1)),
    result.hosts,
  );
}
