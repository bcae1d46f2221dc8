import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { installInside, runInside } from './flurry-inside.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'local promotes on this machine without SSH, puts back what fails, and goes back where that is wished',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await installInside(host);
    const logins = async () =>
      (await host.inside('journalctl --no-pager --unit=ssh.service | grep -c Accepted || true')).stdout;
    const before = await logins();
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own', 'a') });
    const reference = `path:${flake.directory}`;
    const run = (...args: readonly string[]) => runInside(host, '/root', [...args, '--confirm', 'auto']);
    const deploy = async (module: string, ...args: readonly string[]) => {
      await flake.change(host.name, module);
      await host.inside('rm -rf /root/flake');
      await host.copyIn(flake.directory, '/root/flake');
      const end = await run('local', '-f', 'path:/root/flake', ...args);
      return { toplevel: await flake.toplevel(host.name, reference), end };
    };

    const first = await deploy(service('own', 'a'));
    assert.deepEqual([first.end.code, first.end.result?.verdict], [0, 'promoted'], first.end.tail);
    await assertRunsAndBoots(host, first.toplevel);

    const bad = await deploy(`${service('own', 'b')} systemd.services.bad = {
      wantedBy = [ "multi-user.target" ];
      script = "exit 1";
      serviceConfig.Type = "oneshot";
    };`);
    assert.deepEqual([bad.end.code, bad.end.result?.verdict], [1, 'rolled-back'], bad.end.tail);
    assert.equal(bad.end.result?.code, 'units-failed');
    await assertRunsAndBoots(host, first.toplevel);

    const second = await deploy(service('own', 'c'), '--build-on', 'local');
    assert.deepEqual([second.end.code, second.end.result?.verdict], [0, 'promoted'], second.end.tail);
    await assertRunsAndBoots(host, second.toplevel);

    const back = await run('rollback', 'local');
    assert.deepEqual([back.code, back.result?.verdict], [0, 'promoted'], back.tail);
    await assertRunsAndBoots(host, first.toplevel);

    const said = [first.end, bad.end, second.end, back].map(({ tail, stderr }) => tail + stderr).join('\n');
    assert.doesNotMatch(said, /new connection|\bssh\b/i);
    assert.equal(await logins(), before);
    await assertNothingLeft(host);
  }),
);
