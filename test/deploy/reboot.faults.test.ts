import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

const newKernel = 'shaped.kernelVersion = "6.18.1";';
const ifNeeded = ['--reboot', 'if-needed'];

/** A module whose script runs where the system was booted, and not where it is only tested. */
const whenBooted = (script: string): string => `${newKernel}
  systemd.services.when-booted = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
    script = ''
      if [ "$(readlink -f /run/booted-system)" = "$(readlink -f /run/current-system)" ]; then
        ${script}
      fi
    '';
  };`;

for (const { loader, reason } of [
  { loader: 'grub', reason: 'runs and boots it, after a trial boot' },
  { loader: 'extlinux', reason: 'runs and boots it, which a reboot has shown' },
]) {
  test(
    `${loader}: a new kernel is ${loader === 'grub' ? 'booted once, then promoted' : 'promoted, then booted'}`,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const flake = await flakeFixture(lease.directory, { [host.name]: `shaped.loader = "${loader}";` });
      const first = await flurry(lease, [host.name], { cwd: flake.directory });
      assert.equal(first.result(host.name).verdict, 'promoted', first.tail);
      await flake.change(host.name, `${service('own')} ${newKernel} shaped.loader = "${loader}";`);
      await flake.commit();
      const toplevel = await flake.toplevel(host.name);
      const run = await flurry(lease, [host.name, ...ifNeeded], { cwd: flake.directory });
      const result = run.result(host.name);
      assert.deepEqual([result.verdict, result.reason, run.code], ['promoted', reason, 0], run.tail);
      await assertRunsAndBoots(host, toplevel);
      assert.equal((await host.facts()).booted, toplevel);
      const phases = run.events.flatMap((event) => (event.event === 'phase-started' ? event.phase : []));
      assert.equal(phases.at(-1), loader === 'grub' ? 'promote' : 'reboot');
      const again = await flurry(lease, [host.name, ...ifNeeded], { cwd: flake.directory });
      assert.equal(again.result(host.name).verdict, 'unchanged', again.tail);
      await host.reboot();
      await assertRunsAndBoots(host, toplevel);
    }),
  );
}

test(
  'a host that does not answer within --reboot-timeout is in doubt, told what to do, and boots the old system when its power is cut',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: whenBooted('systemctl mask --runtime --now ssh.service ssh.socket'),
    });
    const toplevel = await flake.toplevel(host.name);
    const run = await flurry(lease, [host.name, ...ifNeeded, '--reboot-timeout', '12s'], { cwd: flake.directory });
    const { verdict, code, reason, remedy, bootDefault } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, bootDefault, exit: run.code },
      { verdict: 'in-doubt', code: 'not-back-after-reboot', bootDefault: lease.baseToplevel, exit: 3 },
      run.tail,
    );
    assert.match(reason, /did not answer again within 12 s; its boot default is still the old system/);
    assert.match(remedy ?? '', /Switch it off and on/);
    assert.match(remedy ?? '', /--reboot-timeout 30m/);
    assert.equal((await host.facts()).running, toplevel);
    await host.hardStop();
    await host.start();
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

test(
  'units that fail in the trial boot: rebooted into the old system, rolled back, the units named',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: whenBooted('exit 1') });
    const run = await flurry(lease, [host.name, ...ifNeeded], { cwd: flake.directory });
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual([verdict, code, run.code], ['rolled-back', 'unwell-after-reboot', 1], run.tail);
    assert.match(reason, /1 unit failed after the reboot: when-booted\.service/);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

test(
  'a system that does not come up at all, and a host that somebody resets: rolled back, by what it came up in',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${newKernel} system.extraSystemBuilderCmds = "chmod a-x $out/init";`,
    });
    const run = startFlurry(lease, ['-o', 'json', host.name, ...ifNeeded], { cwd: flake.directory });
    await run.until('it reboots', (event) => event.event === 'phase-started' && event.phase === 'reboot');
    // It stays off; a host that only reboots is on again at once.
    const isOff = () =>
      host.inside('true').then(
        () => false,
        () => true,
      );
    for (let off = 0; off < 5; off = (await isOff()) ? off + 1 : 0) await pause(300);
    await host.start();
    const end = await run.ended;
    const { verdict, code } = end.result(host.name);
    assert.deepEqual([verdict, code, end.code], ['rolled-back', 'booted-other-system', 1], end.tail);
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);

test(
  'hosts reboot one at a time; interrupted, those that have not begun are left as they are, and told so',
  options,
  withHosts(2, async (lease) => {
    const names = lease.hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, newKernel])));
    const run = await flurry(lease, [...names, '--goal', 'boot', ...ifNeeded], { cwd: flake.directory });
    const open = new Set<string>();
    for (const event of run.events) {
      if (event.event === 'phase-started' && event.phase === 'reboot') {
        assert.deepEqual([...open], [], `${event.host} reboots while another one does`);
        open.add(event.host);
      }
      // What was tried becomes the default before the next host's turn.
      if (event.event === 'phase-ended' && event.phase === 'promote') open.delete(event.host);
    }
    assert.deepEqual(
      names.map((name) => run.result(name).verdict),
      ['promoted', 'promoted'],
      run.tail,
    );

    for (const name of names) await flake.change(name, 'shaped.kernelVersion = "6.19.0";');
    const interrupted = startFlurry(lease, ['-o', 'json', ...names, ...ifNeeded], { cwd: flake.directory });
    await interrupted.until('one reboots', (event) => event.event === 'phase-started' && event.phase === 'reboot');
    for (const name of names) {
      await interrupted.until(`${name} is ready for it`, (event) => {
        return event.event === 'phase-ended' && event.phase === 'promote' && event.host === name;
      });
    }
    interrupted.kill('SIGINT');
    const end = await interrupted.ended;
    const verdicts = names.map((name) => end.result(name).verdict).toSorted();
    assert.deepEqual([verdicts, end.code], [['promoted', 'tested'], 130], end.tail);
    const left = names.find((name) => end.result(name).verdict === 'tested') ?? '';
    assert.match(end.result(left).reason, /boots it once at its next boot.*it was not rebooted: interrupted/);

    const seen = (await flurry(lease, ['status', left])).events.find((event) => event.event === 'status');
    assert.ok(seen?.event === 'status');
    assert.deepEqual([seen.running, seen.bootsOnce], [await flake.toplevel(left), await flake.toplevel(left)]);
    assert.notEqual(seen.bootDefault, seen.bootsOnce);

    // What is promoted later boots next, and not what was to be tried.
    const host = lease.hosts.find(({ name }) => name === left);
    await flake.change(left, `${service('later')} shaped.kernelVersion = "6.20.0";`);
    await flake.commit();
    const later = await flurry(lease, [left], { cwd: flake.directory });
    assert.equal(later.result(left).verdict, 'promoted', later.tail);
    await host?.reboot();
    assert.equal((await host?.facts())?.booted, await flake.toplevel(left));
  }),
);

test(
  'a host that somebody switches by hand while it waits for its turn is not rebooted: in doubt, left to them, and boots nothing once',
  options,
  withHosts(2, async (lease) => {
    const names = lease.hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, newKernel])));
    const run = startFlurry(lease, ['-o', 'json', ...names, ...ifNeeded], { cwd: flake.directory });
    const begun = await run.until(
      'one reboots',
      (event) => event.event === 'phase-started' && event.phase === 'reboot',
    );
    const first = ('host' in begun ? begun.host : null) ?? '';
    const other = lease.hosts.find(({ name }) => name !== first);
    assert.ok(other);
    await run.until('the other is ready for it', (event) => {
      return event.event === 'phase-ended' && event.phase === 'promote' && event.host === other.name;
    });
    await other.inside('"$(readlink -f /nix/var/nix/profiles/system)/bin/switch-to-configuration" test');
    const end = await run.ended;
    assert.deepEqual(
      [first, other.name].map((name) => end.result(name).verdict),
      ['promoted', 'in-doubt'],
      end.tail,
    );
    assert.equal(end.result(other.name).code, 'changed-by-someone-else');
    await assertRunsAndBoots(other, lease.baseToplevel);
    const seen = (await flurry(lease, ['status', other.name])).events.find((event) => event.event === 'status');
    assert.equal(seen?.event === 'status' && seen.bootsOnce, null);
  }),
);

test(
  'whatever is cut off in a trial: the host boots the old system by default, and a transaction that was killed goes on',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    // The old system's program writes the boot entries of a trial.
    const flake = await flakeFixture(lease.directory, { [host.name]: heldOnTheWay });
    const old = await flake.toplevel(host.name);
    const first = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(first.result(host.name).verdict, 'promoted', first.tail);
    await flake.change(host.name, `${service('own')} ${newKernel}`);
    await flake.commit();
    const toplevel = await flake.toplevel(host.name);
    const start = () => startFlurry(lease, ['-o', 'json', host.name, ...ifNeeded], { cwd: flake.directory });

    // The power is cut while the boot entries are written.
    await holdAt(host, 'loader');
    const cut = start();
    await untilHeldAt(host, 'loader');
    await host.hardStop();
    await host.start();
    const end = await cut.ended;
    const { verdict, code } = end.result(host.name);
    assert.deepEqual([verdict, code, end.code], ['rolled-back', 'ended-by-reboot', 1], end.tail);
    await assertRunsAndBoots(host, old);

    // The coordinator is killed once the host reboots.
    const killed = start();
    await killed.until('it reboots', (event) => event.event === 'phase-started' && event.phase === 'reboot');
    killed.kill('SIGKILL');
    const isUp = `test "$(readlink -f /run/booted-system /run/current-system | sort -u)" = ${toplevel}`;
    // Its call may not have been made yet.
    const call = 'systemctl start --no-block --job-mode=replace-irreversibly reboot.target';
    await host.waitUntil('it boots the new system', `${isUp} || { ${call}; false; }`, 60_000);
    await host.waitUntil('it is up', 'test "$(systemctl is-system-running)" = running', 60_000);
    const tried = await host.facts();
    assert.deepEqual([tried.running, tried.profile, tried.bootDefault], [toplevel, old, old]);
    await host.reboot();
    await assertRunsAndBoots(host, old);

    // The transaction is killed while the boot entries are written.
    await holdAt(host, 'loader');
    const resumed = start();
    await untilHeldAt(host, 'loader');
    await letGo(host, 'loader');
    await host.inside("systemctl kill --signal=KILL flurry-activate.service 'flurry-trial-*'");
    const last = await resumed.ended;
    assert.deepEqual([last.result(host.name).verdict, last.code], ['promoted', 0], last.tail);
    await assertRunsAndBoots(host, toplevel);
    await assertNothingLeft(host);
  }),
);
