import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flakeFixture, service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft } from '../deploy/host-claims.ts';
import { startFlurry } from '../deploy/run-flurry.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { deploymentOf, heldActivation } from './held-activation.ts';

// Rules of the transaction that the fault matrix does not show; README.md tells where each of them is tried.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test('what a deployment is made of while its activation is under way', options, async (context) => {
  await withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} ${heldActivation} shaped.chatty = 2000;`,
    });
    const old = lease.baseToplevel;
    await host.inside(`
      mkdir -p /run/systemd/journald.conf.d
      printf '[Journal]\\nRateLimitIntervalSec=10m\\nRateLimitBurst=100\\n' >/run/systemd/journald.conf.d/strict.conf
      systemctl restart systemd-journald`);
    const run = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await host.waitUntil('the activation is held', 'pgrep -f "^sleep 1234$"', 90_000);
    const id = deploymentOf([await run.until('it tells its id', (event) => event.event === 'run-started')]);
    const activate = await unitOf(host, 'flurry-activate.service');
    const rollback = await unitOf(host, `flurry-rollback-${id}.service`);
    const timer = await unitOf(host, `flurry-rollback-${id}.timer`);
    const activation = await unitOf(host, `flurry-test-${id}.service`);

    await context.test('rule 1: the timer of the way back does not slide at a reload of systemd', () => {
      assert.match(timer('TimersMonotonic'), /OnStartupUSec=/);
      assert.match(timer('TimersMonotonic'), /OnUnitInactiveUSec=10s/);
      assert.doesNotMatch(timer('TimersMonotonic'), /OnActiveUSec/);
    });

    await context.test(
      'rules 2 and 9: neither emergency mode nor isolate takes a unit, and a shutdown ends them all',
      () => {
        for (const unit of [activate, rollback, timer, activation]) {
          assert.deepEqual([unit('DefaultDependencies'), unit('IgnoreOnIsolate')], ['no', 'yes']);
          assert.match(unit('Before'), /\bshutdown\.target\b/);
          assert.match(unit('Conflicts'), /\bshutdown\.target\b/);
        }
      },
    );

    await context.test(
      'rules 3 and 4: activation and way back are units of their own, and this one has its own limit',
      () => {
        assert.equal(activation('ActiveState'), 'active');
        assert.match(activate('ExecStopPost'), /systemctl start --no-block flurry-rollback-\S+\.service ;/);
        // Twice the way back and the boot loader, the lock, the second window, and 5 min.
        const { Type, Restart, TimeoutStartUSec } = {
          Type: rollback('Type'),
          Restart: rollback('Restart'),
          TimeoutStartUSec: rollback('TimeoutStartUSec'),
        };
        assert.deepEqual(
          { Type, Restart, TimeoutStartUSec },
          { Type: 'oneshot', Restart: 'on-failure', TimeoutStartUSec: '29min' },
        );
      },
    );

    await context.test('rule 15: their programs are those of the old system, by their store paths', async () => {
      for (const unit of [activate, rollback, activation]) {
        assert.ok(unit('Environment').includes(`PATH=${old}/sw/bin:`), unit('Environment'));
        assert.match(unit('ExecStart'), /path=\/nix\/store\/[^ ]+ ;/);
      }
      assert.match(activate('ExecStopPost'), /path=\/nix\/store\/[^ ]+ ;/);
    });

    await context.test('rule 16: the old system is rooted on its own', async () => {
      const { stdout } = await host.inside('nix-store --query --roots "$1"', [old]);
      assert.match(stdout, new RegExp(`^/run/flurry/${id}/old -> ${old}$`, 'm'));
    });

    await context.test('rule 17: the journal drops no line, however few it is set to take', async () => {
      const count =
        'journalctl --sync; journalctl --boot --output=cat --identifier="flurry-$1" | grep -c "^activation line"';
      const { stdout } = await host.inside(count, [id], { allowFailure: true });
      await host.inside('rm -r /run/systemd/journald.conf.d; systemctl restart systemd-journald');
      assert.equal(stdout.trim(), '2000');
    });

    // A host in a container may not lower it: systemd's word is all that can be had.
    await context.test('rule 22: a process that is killed for memory does not end them, and theirs comes last', () => {
      for (const unit of [activate, rollback]) {
        assert.deepEqual([unit('OOMPolicy'), unit('OOMScoreAdjust')], ['continue', '-900']);
      }
    });

    await context.test('rule 23: a daemon that the activation starts by itself ends with it', async () => {
      await host.inside('touch /tmp/activation-released');
      const end = await run.ended;
      assert.equal(end.result(host.name).verdict, 'promoted', end.tail);
      await host.inside('! pgrep -f "^sleep 1234$"');
    });

    await context.test('rule 16: afterwards no root of it is left, and no link that would be one', async () => {
      await assertNothingLeft(host);
      await host.inside('! ls -l /nix/var/nix/gcroots/auto | grep /run/flurry');
    });
  })();
});

/** What systemd says of a unit now, by property. */
async function unitOf(host: HostHandle, unit: string): Promise<(property: string) => string> {
  const { stdout } = await host.inside('systemctl show -- "$1"', [unit]);
  const lines = stdout.split('\n');
  return (property) =>
    lines
      .filter((line) => line.startsWith(`${property}=`))
      .map((line) => line.slice(property.length + 1))
      .join('\n');
}
