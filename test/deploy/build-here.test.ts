import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };
const local = ['--build-on', 'local'] as const;

test(
  'what is built here is what a host would build, and reaches one whose user Nix does not trust',
  options,
  withHosts(2, async (lease) => {
    const [here, there] = lease.hosts;
    assert.ok(here && there);
    const flake = await flakeFixture(lease.directory, { web: service('own') });
    const common = { cwd: flake.directory, environment: buildsHere };
    const [typedHere, typedThere] = [`bob@${here.name}/web`, `bob@${there.name}/web`];

    const target = await flurry(lease, [typedThere, '--goal', 'build'], common);
    const built = /^built (\S+)$/.exec(target.result(there.name).reason)?.[1];
    assert.equal(built, await flake.toplevel('web'), target.tail);
    // As on NixOS, everybody may reach the daemon; Debian lets only a group.
    await here.inside('chmod 755 /nix/var/nix/daemon-socket');
    const run = await flurry(lease, [typedHere, ...local], common);
    await here.inside('chmod 770 /nix/var/nix/daemon-socket');
    assert.equal(run.result(here.name).verdict, 'promoted', run.tail);
    await assertRunsAndBoots(here, `${built}`);

    // The host has neither the flake nor the derivation; the deriver is told by whoever built.
    const deriver = async (words: readonly string[]) =>
      (await program('nix-store', ['--query', '--deriver', ...words])).stdout.trim();
    const onHost = (await there.inside('nix-store --query --deriver "$1"', [`${built}`])).stdout.trim();
    assert.deepEqual(
      [await deriver([`${built}`]), onHost],
      [await flake.derivation('web'), await flake.derivation('web')],
    );
    const { stdout: derivation } = await here.inside('[ ! -e "$1" ] || echo there', [onHost]);
    const [started] = run.events;
    assert.ok(started?.event === 'run-started');
    const builds = `journalctl --boot --no-pager | grep -c "flurry-build-${started.deployment}" || true`;
    const { stdout: units } = await here.inside(builds);
    assert.deepEqual([derivation, units.trim()], ['', '0']);
    const phases = run.events.flatMap((event) => (event.event === 'phase-started' ? [event.phase] : []));
    assert.deepEqual(phases, ['connect', 'observe', 'build', 'copy', 'gate', 'test', 'verify', 'promote']);
    await assertNothingLeft(here);
  }),
);
