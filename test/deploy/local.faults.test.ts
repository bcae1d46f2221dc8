import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { addDeployUser, allowDoas, allowSudo } from './deploy-user.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { flurryInside, installInside, runInside } from './flurry-inside.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { printedRules } from './printed-rules.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

// Each line is a shell's way to leave a flurry, $1, in the middle of a test of the new system.
const ways = [
  { title: 'Ctrl-C twice', leave: 'kill -INT "$1"; sleep 0.3; kill -INT "$1"', code: '130' },
  { title: 'a kill', leave: 'kill -KILL "$1"', code: '137' },
  { title: 'the end of its terminal', leave: 'kill -HUP "$1"', code: '129' },
] as const;

for (const { title, leave, code } of ways) {
  test(
    `a local deployment that is left by ${title} puts the machine back`,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      await installInside(host);
      const module = `${service('own')} shaped.testHangsSeconds = 3;`;
      const flake = await flakeFixture(lease.directory, { [host.name]: module });
      await host.copyIn(flake.directory, '/root/flake');
      const script = `cd /root
        ${flurryInside} local -f path:/root/flake --confirm auto --confirm-timeout 3s --settle 500ms >/tmp/said 2>&1 &
        pid=$!
        until grep -qx testing /run/flurry/*/state 2>/dev/null; do sleep 0.1; kill -0 $pid || { cat /tmp/said; exit 9; }; done
        set -- $pid
        ${leave}
        wait $pid
        echo $?`;
      const { stdout } = await host.inside(script, [], { allowFailure: true });
      assert.equal(stdout.trim(), code);
      const isOver = `tail -n 1 /var/lib/flurry/history.jsonl | grep -q '"event":"ended".*"verdict":"rolled-back"'`;
      await host.waitUntil('the end of the transaction', isOver, 40_000);
      await assertRunsAndBoots(host, lease.baseToplevel);
      // Over SSH, and from another machine, it is a deployment like any other.
      const attached = await flurry(lease, ['attach', host.name]);
      assert.equal(attached.result(host.name).verdict, 'rolled-back', attached.tail);
    }),
  );
}

test(
  'a user with sudo promotes this machine as well',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await installInside(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.copyIn(flake.directory, '/home/bob/flake');
    // As on NixOS, everybody may reach the daemon; Debian lets only a group.
    await host.inside('chown -R bob /home/bob/flake; chmod 755 /nix/var/nix/daemon-socket');
    for (const where of ['target', 'local']) {
      await flake.change(host.name, service('own', where));
      await host.copyIn(flake.directory, '/home/bob/flake');
      const words = `local -f path:/home/bob/flake --confirm auto --settle 500ms --build-on ${where}`;
      const { stdout } = await host.inside(`cd /home/bob && exec su bob -c '${flurryInside} ${words}' 2>&1`, [], {
        allowFailure: true,
      });
      await assertRunsAndBoots(host, await flake.toplevel(host.name, `path:${flake.directory}`)).catch((error) =>
        assert.fail(`${error}\n${stdout}`),
      );
    }
    await host.inside('chmod 770 /nix/var/nix/daemon-socket');
    await assertNothingLeft(host);
    const status = await runInside(host, '/root', ['status', 'local']);
    assert.equal(status.result?.verdict, 'seen', status.tail);
  }),
);

test(
  'a user promotes this machine by sudo with a password from a file, and by doas; one whose password is wrong is told',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await installInside(host);
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL:ALL) ALL\n', 'Pw-of "deploy" ü');
    await allowDoas(host, (await printedRules()).doasConf);
    await host.inside(`
      cd /home/deploy && umask 077
      printf '%s\n' 'Pw-of "deploy" ü' >right; printf '%s\n' another >wrong; chown deploy right wrong
      chmod 755 /nix/var/nix/daemon-socket`);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const ways = [
      { words: '--elevate-password-file wrong', code: 1, said: /sudo/ },
      { words: '--elevate-password-file right', code: 0, said: /promoted/ },
      { words: '--elevate doas', code: 0, said: /promoted/ },
    ] as const;
    let runs = lease.baseToplevel;
    for (const [index, { words, code, said }] of ways.entries()) {
      await flake.change(host.name, service('own', `${index}`));
      await host.copyIn(flake.directory, '/home/deploy/flake');
      await host.inside('chown -R deploy /home/deploy/flake');
      const line = `${flurryInside} local -f path:/home/deploy/flake --confirm auto --settle 500ms ${words}`;
      const end = await host.inside(`cd /home/deploy && exec su deploy -c '${line}' 2>&1`, [], { allowFailure: true });
      assert.equal(end.code, code, end.stdout);
      assert.match(end.stdout, said);
      if (code === 0) runs = await flake.toplevel(host.name, `path:${flake.directory}`);
      await assertRunsAndBoots(host, runs);
    }
    await host.inside('chmod 770 /nix/var/nix/daemon-socket');
    await assertNothingLeft(host);
  }),
);
