import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

const local = ['--build-on', 'local'] as const;

test(
  'a host whose connection was lost while it was built for is connected to anew',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const released = join(lease.directory, 'released');
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} system.extraSystemBuilderCmds = ''
        echo holding; while [ ! -e ${released} ]; do sleep 0.1; done
      '';`,
    });
    const run = startFlurry(lease, ['-o', 'json', host.name, ...local], {
      cwd: flake.directory,
      environment: buildsHere,
    });
    await run.until('the build', (event) => event.event === 'log' && event.line.includes('holding'));
    await host.inside('pkill -KILL sshd-session');
    await writeFile(released, '');
    const end = await run.ended;
    assert.equal(end.result(host.name).verdict, 'promoted', end.tail);
    assert.ok(end.events.some((event) => event.event === 'reached-again' && event.phase === 'copy'));
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a build that fails here leaves its host untouched, and the others are promoted, each configuration built once',
  options,
  withHosts(2, async (lease) => {
    const [good, bad] = lease.hosts;
    assert.ok(good && bad);
    const flake = await flakeFixture(lease.directory, {
      [good.name]: service('own'),
      [bad.name]: 'shaped.buildFails = true;',
    });
    const common = { cwd: flake.directory, environment: buildsHere };
    const run = await flurry(lease, [good.name, bad.name, ...local], common);
    const { verdict, code, reason } = run.result(bad.name);
    assert.deepEqual([run.code, verdict, code], [1, 'failed', 'build-failed'], run.tail);
    assert.match(reason, /^the build on this machine failed/);
    await assertUntouched(bad, lease.baseToplevel);
    assert.equal(run.result(good.name).verdict, 'promoted');

    const both = await flurry(lease, [`${good.name}/${good.name}`, `${bad.name}/${good.name}`, ...local], common);
    assert.deepEqual(
      [both.result(good.name).verdict, both.result(bad.name).verdict],
      ['unchanged', 'promoted'],
      both.tail,
    );
    const notes = both.events.filter((event) => event.event === 'note' && event.message.includes('is being built for'));
    assert.equal(notes.length, 1);
    await assertRunsAndBoots(bad, await flake.toplevel(good.name));
  }),
);

test(
  'a host whose Nix trusts nobody is told with what trust means, and takes what is signed by a key that it trusts',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const common = { cwd: flake.directory, environment: buildsHere };
    const restart = 'systemctl restart nix-daemon.service';
    await host.inside(`echo 'trusted-users = nobody' >>/etc/nix/nix.conf; ${restart}`);
    try {
      const run = await flurry(lease, [host.name, ...local], common);
      const { verdict, code, reason, remedy } = run.result(host.name);
      assert.deepEqual([run.code, verdict, code], [1, 'failed', 'signature-refused'], run.tail);
      assert.match(reason, /lacks a (valid )?signature/);
      assert.match(
        `${remedy}`,
        /whatever root can[\s\S]*trusted-users[\s\S]*secret-key-files[\s\S]*--build-on target$/,
      );
      await assertUntouched(host, lease.baseToplevel);

      const toplevel = await flake.toplevel(host.name);
      const nix = async (...words: readonly string[]) =>
        (await program('nix', ['--extra-experimental-features', 'nix-command', ...words])).stdout.trim();
      const secret = join(lease.directory, 'key.secret');
      await writeFile(secret, await nix('key', 'generate-secret', '--key-name', 'here-1'));
      const key = (
        await program('sh', [
          '-c',
          'nix --extra-experimental-features nix-command key convert-secret-to-public <"$1"',
          'sh',
          secret,
        ])
      ).stdout;
      await nix('store', 'sign', '--recursive', '-k', secret, toplevel);
      await host.inside(`echo "trusted-public-keys = $1" >>/etc/nix/nix.conf; ${restart}`, [key]);
      const signed = await flurry(lease, [host.name, ...local], common);
      assert.equal(signed.result(host.name).verdict, 'promoted', signed.tail);
      await assertRunsAndBoots(host, toplevel);
    } finally {
      await host.inside(`sed -i /^trusted-/d /etc/nix/nix.conf; ${restart}`);
    }
  }),
);

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
