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

test(
  'SIGKILL of the coordinator during the test: it goes on to its end on the host, which then puts itself back, as nobody confirms',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} system.activationScripts.held = ''
        while [ ! -e /tmp/activation-released ]; do sleep 0.1; done
      '';`,
    });
    const toplevel = await flake.toplevel(host.name);

    const run = startFlurry(lease, ['-o', 'json', host.name, '--confirm-timeout', '3s'], { cwd: flake.directory });
    await host.waitUntil('the test unit works', 'systemctl is-active --quiet "flurry-test-*"', 60_000);
    run.kill('SIGKILL');
    assert.equal((await run.ended).signal, 'SIGKILL');
    await untilLoggedOut(host);
    await host.inside('systemctl is-active "flurry-test-*"');

    await host.inside('touch /tmp/activation-released');
    // The way back is a unit of its own: both have to be through.
    await host.waitUntil(
      'the host runs the old system again',
      `test "$(readlink -f /run/current-system)" = ${lease.baseToplevel} &&
        ! systemctl is-active --quiet flurry-activate.service "flurry-rollback-*.service" "flurry-back-*.service"`,
      120_000,
    );
    const started = (await run.ended).events[0];
    assert.ok(started?.event === 'run-started');
    const journal = 'journalctl --boot --output=cat --identifier="$1" --grep="new units were started"';
    const { stdout } = await host.inside(journal, [`flurry-${started.deployment}`]);
    assert.equal(stdout, 'the following new units were started: own.service\n');
    await assertRunsAndBoots(host, lease.baseToplevel);
    await host.inside('! systemctl is-active --quiet own.service');

    // The release file is still there: this time it goes through.
    const again = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(again.result(host.name).verdict, 'promoted', again.tail);
    await assertRunsAndBoots(host, toplevel);
  }),
);
