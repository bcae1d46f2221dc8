import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { assertRunsAndBoots, untilLoggedOut } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'SIGKILL of the coordinator during the build: the build goes on to its end on the host, which runs what it ran',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldBuild}` });
    const toplevel = await flake.toplevel(host.name);

    const run = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await host.waitUntil('the build unit works', 'systemctl is-active --quiet "flurry-build-*"', 60_000);
    await host.waitUntil('the builder runs', 'pgrep -f "[t]oplevel.sh"', 60_000);
    run.kill('SIGKILL');
    assert.equal((await run.ended).signal, 'SIGKILL');
    await untilLoggedOut(host);
    await host.inside('systemctl is-active "flurry-build-*"');

    await releaseBuild(host);
    await host.waitUntil('the build unit has ended', '! systemctl is-active --quiet "flurry-build-*"', 60_000);
    await host.inside('nix-store --check-validity "$1"', [toplevel]);
    await assertRunsAndBoots(host, lease.baseToplevel);

    const again = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(again.result(host.name).verdict, 'promoted', again.tail);
  }),
);
