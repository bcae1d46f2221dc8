import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'less than 1 GiB free below /nix: refused with the command that makes room, nothing is copied',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.inside(`
      free=$(df --output=avail -B1 /nix/store | tail -n 1)
      fallocate --length "$((free - 512 * 1024 * 1024))" /var/tmp/ballast`);
    try {
      const run = await flurry(lease, [host.name], { cwd: flake.directory });
      const { verdict, code, reason, remedy } = run.result(host.name);
      assert.deepEqual({ verdict, code, exit: run.code }, { verdict: 'refused', code: 'disk-full', exit: 1 }, run.tail);
      assert.match(reason, /^\/nix has (4[0-9][0-9]|5[01][0-9]) MiB free, at least 1 GiB are needed$/);
      assert.equal(
        remedy,
        `delete old generations and what only they need:\n  ssh -F ${lease.sshConfig} -t ${host.name} sudo nix-collect-garbage --delete-older-than 14d`,
      );
      await assertUntouched(host, lease.baseToplevel);
    } finally {
      await host.inside('rm -f /var/tmp/ballast');
    }
  }),
);

test(
  'a host that is still starting is waited for, told so, and then promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    // A job of the boot that ends when we say so; sshd does not wait for it.
    await host.inside(`
      printf '%s\\n' '[Unit]' 'Before=multi-user.target' '[Service]' 'Type=oneshot' \
        'ExecStart=/bin/sh -c "while [ ! -e /run/boot-released ]; do sleep 0.1; done"' >/etc/systemd/system/slow-boot.service
      mkdir -p /etc/systemd/system/multi-user.target.wants
      ln -s ../slow-boot.service /etc/systemd/system/multi-user.target.wants/slow-boot.service`);
    await host.stop();
    const started = host.start();
    await host.waitUntil(
      'sshd answers while the boot goes on',
      'test "$(systemctl is-system-running)" = starting && systemctl is-active --quiet ssh',
      60_000,
    );

    const run = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    const note = await run.until('it is told to be starting', (event) => event.event === 'note');
    assert.deepEqual(note.event === 'note' && [note.phase, note.level, note.message], [
      'observe',
      'info',
      'still starting; waiting',
    ]);
    await host.inside('touch /run/boot-released');
    await started;
    const end = await run.ended;
    assert.equal(end.result(host.name).verdict, 'promoted', end.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a host that does not get done with starting: refused after --starting-timeout, with what it waits for',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.inside(`
      printf '%s\\n' '[Unit]' 'Before=multi-user.target' '[Service]' 'Type=oneshot' 'ExecStart=/bin/sleep infinity' \
        >/etc/systemd/system/slow-boot.service
      mkdir -p /etc/systemd/system/multi-user.target.wants
      ln -s ../slow-boot.service /etc/systemd/system/multi-user.target.wants/slow-boot.service`);
    await host.stop();
    const started = host.start().catch(() => undefined);
    await host.waitUntil(
      'sshd answers while the boot goes on',
      'test "$(systemctl is-system-running)" = starting && systemctl is-active --quiet ssh',
      60_000,
    );
    const run = await flurry(lease, [host.name, '--starting-timeout', '1s'], { cwd: flake.directory });
    const { verdict, code, reason, remedy } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, remedy, exit: run.code },
      {
        verdict: 'refused',
        code: 'not-running',
        reason: 'systemd on the host says "starting" instead of "running"',
        remedy: `it is still starting; what it waits for:\n  ssh -F ${lease.sshConfig} ${host.name} systemctl list-jobs`,
        exit: 1,
      },
      run.tail,
    );
    await host.inside('systemctl kill --signal=KILL slow-boot.service');
    await started;
  }),
);

test(
  'a switch by somebody else under way: refused, with what it is',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.inside(
      'mkdir -p /run/nixos; systemd-run --quiet --unit=holder flock /run/nixos/switch-to-configuration.lock sleep infinity',
    );
    await host.waitUntil('the lock is held', '! flock -n /run/nixos/switch-to-configuration.lock true', 10_000);
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: run.code },
      {
        verdict: 'refused',
        code: 'switch-under-way',
        reason:
          'the system of the host is being switched at this moment: a program that holds /run/nixos/switch-to-configuration.lock',
        exit: 1,
      },
      run.tail,
    );
    await assertUntouched(host, lease.baseToplevel);
  }),
);

test(
  'sshd without stream-local forwarding: the copy goes by nix-daemon --stdio over the same connection',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.inside(`
      echo 'AllowStreamLocalForwarding no' >/etc/ssh/sshd_config.d/00-no-forwarding.conf
      systemctl restart ssh.service`);
    await host.waitUntil('sshd answers', 'systemctl is-active --quiet ssh', 10_000);
    try {
      const run = await flurry(lease, [host.name], { cwd: flake.directory });
      assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
      assert.equal((await host.facts()).sshAccepted, 2, 'one, and one to confirm');
    } finally {
      await host.inside('rm /etc/ssh/sshd_config.d/00-no-forwarding.conf; systemctl restart ssh.service');
    }
  }),
);

test(
  'a host that runs another system than it boots: told what a reboot would bring, and promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const toplevel = await flake.toplevel(host.name);
    await flurry(lease, [host.name, '--goal', 'test'], { cwd: flake.directory });
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    const warnings = run.events.flatMap((event) =>
      event.event === 'note' && event.level === 'warning' ? [event.message] : [],
    );
    assert.deepEqual(
      warnings,
      [`it runs ${toplevel} but boots ${lease.baseToplevel}: a reboot would bring that`],
      run.tail,
    );
    assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
    await assertRunsAndBoots(host, toplevel);
  }),
);

test(
  'a new system that locks everybody out by what is outside of Nix: the host puts itself back, and that nobody gets in anew is told as in-doubt, exit 3',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const locked = '/etc/ssh/sshd_config.d/00-locked.conf';
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')}
        system.activationScripts.locks = "echo AllowUsers nobody >${locked}; /usr/bin/systemctl reload ssh.service";`,
    });
    try {
      const run = await flurry(lease, [host.name, '--confirm-timeout', '3s'], { cwd: flake.directory });
      const { verdict, code, reason } = run.result(host.name);
      assert.deepEqual(
        { verdict, code, exit: run.code },
        { verdict: 'in-doubt', code: 'no-way-in', exit: 3 },
        run.tail,
      );
      assert.match(
        reason,
        /^the host has put itself back \(not-confirmed\) and runs what it ran before, but lets nobody in anew: .*root/,
      );
      await assertRunsAndBoots(host, lease.baseToplevel);
      const { stdout } = await host.inside('tail -n 1 /var/lib/flurry/history.jsonl');
      assert.equal(JSON.parse(stdout).verdict, 'rolled-back');
    } finally {
      // With it go the penalties for whoever could not log in.
      await host.inside(`rm -f ${locked}; systemctl restart ssh.service`);
    }
  }),
);
