import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlakeFixture, flakeFixture, heldBuild, releaseBuild, service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from '../deploy/host-claims.ts';
import { flurry, startFlurry } from '../deploy/run-flurry.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { deploymentOf, heldActivation } from './held-activation.ts';

// Rules of the transaction that the fault matrix does not show; README.md tells where each of them is tried.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

// In the configuration, but started by hand: no target pulls them.
const startedByHand = `
  systemd.services.by-hand.script = "exec sleep infinity";
  systemd.services.before-last = { preStart = "sleep 3"; script = "exec sleep infinity"; };
  systemd.services.last = { after = [ "before-last.service" ]; script = "exec sleep infinity"; };`;

// Killed in the middle, with a name in the list that only it knows, while the old system's own checks would refuse.
const cutOff = `system.activationScripts.cut = ''
  systemctl stop caller.service 'odd\\x2dname.service'
  systemctl stop -- -odd.service
  echo only-new.service >>/run/nixos/start-list
  touch /run/old-system-refuses
  systemctl kill --signal=KILL 'flurry-test-*'
  sleep 600
'';`;

test(
  'rules 10 and 11: the old system’s checks do not refuse the way back, lists that the test left are as before, and what was started by hand runs again',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} ${startedByHand}
        system.preSwitchChecks.refuses = "[ ! -e /run/old-system-refuses ]";`,
    });
    const old = await flake.toplevel(host.name);
    const first = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(first.result(host.name).verdict, 'promoted', first.tail);
    // Beside them: units of strange names, and what ends by itself and cannot be started again: a transient unit, and
    // the service of one connection (with startWhenNeeded sshd is one).
    await host.inside(`
      systemctl start by-hand.service before-last.service last.service
      cd /etc/systemd/system
      for name in 'odd\\x2dname.service' -odd.service; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >"./$name"
      done
      printf '[Service]\\nExecStart=/bin/cat\\nStandardInput=socket\\n' >connection@.service
      printf '[Socket]\\nListenStream=127.0.0.1:7777\\nAccept=yes\\n' >connection.socket
      systemctl daemon-reload
      systemctl start connection.socket 'odd\\x2dname.service'
      systemctl start -- -odd.service
      systemd-run --quiet --unit=caller bash -c 'exec 3<>/dev/tcp/127.0.0.1/7777; exec sleep infinity'
      echo own.service >/run/nixos/restart-list`);
    await host.waitUntil('a connection is open', 'systemctl is-active --quiet "connection@*"', 30_000);

    await flake.change(host.name, `${service('own')} ${cutOff}`);
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    const { verdict, code } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, exit: run.code },
      { verdict: 'rolled-back', code: 'activation-timeout', exit: 1 },
    );
    await assertRunsAndBoots(host, old);
    const { stdout: states } = await host.inside(
      `systemctl is-active -- by-hand.service before-last.service last.service 'odd\\x2dname.service' -odd.service || true`,
    );
    assert.deepEqual(states.trim().split('\n'), ['active', 'active', 'active', 'active', 'active']);
    const { stdout: told } = await host.inside('journalctl --boot --output=cat --identifier="$1"', [
      `flurry-${deploymentOf(run.events)}`,
    ]);
    assert.match(told, /^restarting the following units: own\.service$/m);
    assert.doesNotMatch(told, /only-new\.service/);
    const { stdout: lists } = await host.inside('ls /run/nixos');
    assert.doesNotMatch(lists, /-list/);
    await assertNothingLeft(host);
  }),
);

test('a host on which nobody is left to decide (over 20 s: its timer tidies up after 10)', options, async (context) => {
  await withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} ${heldActivation}`,
      second: `${service('own')} ${heldBuild}`,
    });
    const isBack = (id: string) => `
      test "$(readlink -f /run/current-system)" = ${lease.baseToplevel} &&
        grep '^{"event":"ended","id":"${id}"' /var/lib/flurry/history.jsonl | grep '"verdict":"rolled-back"'`;

    await context.test('rule 4: who stops all of our units at once gets the way back all the same', async () => {
      const id = await untilUnproven(lease, host, flake);
      await host.inside("systemctl stop 'flurry-*'");
      await host.waitUntil('it is back', isBack(id), 120_000);
      await assertRunsAndBoots(host, lease.baseToplevel);
    });

    await context.test(
      'rule 5: a system that nobody will ever prove is put back by the next deployment, which does not take it for the old one',
      async () => {
        // Begun before there is anybody at work: later it would be refused at its first look.
        const second = startFlurry(lease, ['-o', 'json', `${host.name}/second`], { cwd: flake.directory });
        await host.waitUntil('the second one builds', 'systemctl is-active --quiet "flurry-build-*"', 90_000);
        const id = await untilUnproven(lease, host, flake);
        await host.inside(`
          systemctl stop 'flurry-rollback-${id}.timer'
          systemctl kill --signal=KILL flurry-activate.service`);
        await host.waitUntil(
          'no unit of it is left',
          `! systemctl is-active --quiet flurry-activate "flurry-rollback-*"`,
          30_000,
        );
        await releaseBuild(host);
        const end = await second.ended;
        const { verdict, code } = end.result(host.name);
        assert.deepEqual([verdict, end.code], ['refused', 1], end.tail);
        assert.match(code ?? '', /^(locked|changed-by-someone-else)$/);
        await host.waitUntil('it is back', isBack(id), 120_000);
        await assertRunsAndBoots(host, lease.baseToplevel);
        await assertNothingLeft(host);
      },
    );
  })();
});

test(
  'rules 18 and 23: a name that is masked, one that a failed unit has left, and a nixos-rebuild at work are told apart',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: `${service('own')} ${heldBuild}`,
    });
    await host.inside('systemctl mask --runtime flurry-activate.service');
    const masked = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.deepEqual([masked.result(host.name).code, masked.code], ['unit-masked', 1], masked.tail);

    await host.inside('systemctl unmask --runtime flurry-activate.service');
    const run = startFlurry(lease, ['-o', 'json', `${host.name}/second`], { cwd: flake.directory });
    await host.waitUntil('it builds', 'systemctl is-active --quiet "flurry-build-*"', 90_000);
    await host.inside('systemd-run --quiet --unit=nixos-rebuild-switch-to-configuration sleep infinity');
    await releaseBuild(host);
    const rebuilding = await run.ended;
    const { verdict, code, reason } = rebuilding.result(host.name);
    assert.deepEqual([verdict, code, rebuilding.code], ['refused', 'locked', 1], rebuilding.tail);
    assert.match(reason, /nixos-rebuild/);
    await assertUntouched(host, lease.baseToplevel);

    await host.inside(`
      systemctl stop nixos-rebuild-switch-to-configuration
      systemd-run --quiet --wait --unit=flurry-activate false || systemctl is-failed flurry-activate`);
    const left = await flurry(lease, [host.name, '--ignore-unit', 'flurry-activate.service'], { cwd: flake.directory });
    assert.deepEqual([left.result(host.name).verdict, left.code], ['promoted', 0], left.tail);
  }),
);

/** Deploys, and leaves the new system waiting to be confirmed, with nobody who will; gives the deployment's id. */
async function untilUnproven(lease: Lease, host: HostHandle, flake: FlakeFixture): Promise<string> {
  await host.inside('rm -f /tmp/activation-released');
  const run = startFlurry(lease, ['-o', 'json', host.name, '--confirm-timeout', '10m'], { cwd: flake.directory });
  await host.waitUntil('the activation is held', 'pgrep -f "^sleep 1234$"', 90_000);
  run.kill('SIGKILL');
  const { events } = await run.ended;
  await host.inside('touch /tmp/activation-released');
  await host.waitUntil('it waits to be confirmed', 'grep -qx waiting /run/flurry/*/state', 60_000);
  return deploymentOf(events);
}
