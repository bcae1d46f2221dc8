import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { flakeFixture, service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { flurry } from '../deploy/run-flurry.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';

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

function deploymentOf(events: readonly Event[]): string {
  const started = events.find((event) => event.event === 'run-started');
  return started?.event === 'run-started' ? (started.deployment ?? '') : '';
}
