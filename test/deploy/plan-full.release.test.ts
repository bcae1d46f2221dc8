import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertUntouched } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a plan on a host whose disk is full, or becomes so by the build, or whose /run is, says so, and leaves nothing behind (four plans)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name } = host;
    const big = 'system.extraSystemBuilderCmds = "fallocate --length 1500M $out/big";';
    const flake = await flakeFixture(lease.directory, { [name]: service('own'), big });
    const planned = async (configuration: string, filesystem: string, leftMiB: number) => {
      await host.inside(
        `free=$(df --output=avail -B1 "$1" | tail -n 1)
        fallocate --length "$((free - $2 * 1024 * 1024))" "$1/ballast"`,
        [filesystem, String(leftMiB)],
      );
      try {
        const run = await flurry(lease, ['plan', `${name}/${configuration}`], { cwd: flake.directory });
        assert.deepEqual([run.code, run.events.filter(({ event }) => event === 'plan')], [1, []], run.tail);
        return run.result(name);
      } finally {
        await host.inside('rm -f "$1/ballast"', [filesystem]);
        await assertUntouched(host, lease.baseToplevel);
      }
    };

    const before = await planned(name, '/var/tmp', 512);
    assert.deepEqual([before.verdict, before.code], ['refused', 'disk-full']);
    const meanwhile = await planned('big', '/var/tmp', 1200);
    assert.deepEqual([meanwhile.verdict, meanwhile.code], ['failed', 'build-failed']);
    assert.match(meanwhile.reason ?? '', /No space left on device/);
    assert.match(meanwhile.remedy ?? '', /^the disk is full; delete old generations:\n {2}.*nix-collect-garbage/);
    for (const leftMiB of [50, 0]) {
      const { verdict, code } = await planned(name, '/run', leftMiB);
      assert.deepEqual([leftMiB, verdict, code], [leftMiB, 'refused', 'run-full']);
    }
  }),
);
