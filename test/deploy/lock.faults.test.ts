import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../src/core/phase.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched, untilEnded } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'no lock is stale: with the coordinator and all of ours on the host killed -9, and the way back once more, the next deployment goes through by itself',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    const first = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    first.kill('SIGKILL');
    await first.ended;
    await host.inside('systemctl kill --signal=KILL "flurry-*.service"');
    await host.waitUntil(
      'the way back is at work',
      'systemctl is-active "flurry-rollback-*.service" | grep -q activating',
      60_000,
    );
    await host.inside('systemctl kill --signal=KILL "flurry-*.service"');
    await letGo(host, 'activation');

    const next = await flurry(lease, [host.name, '--wait-lock', '90s'], { cwd: flake.directory });
    assert.deepEqual([next.result(host.name).verdict, next.code], ['promoted', 0], next.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
  }),
);

test(
  'somebody stops all units of a deployment, the timer of its way back as well: the next deployment has the host put back first, waits for that, and goes through',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: service('more'),
    });
    const first = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await first.untilShown('keep the new system? [y/N] ');
    first.kill('SIGKILL');
    await first.ended;
    await host.inside('systemctl stop "flurry-*.timer"; systemctl kill --signal=KILL flurry-activate.service');
    await host.waitUntil(
      'nobody works on it any more',
      'systemctl stop "flurry-*"; test -z "$(systemctl list-units --all --plain --no-legend "flurry-*")"',
      30_000,
    );
    assert.equal((await host.facts()).running, await flake.toplevel(host.name));

    const next = await flurry(lease, [`${host.name}/second`, '--wait-lock', '90s'], { cwd: flake.directory });
    assert.deepEqual([next.result(host.name).verdict, next.code], ['promoted', 0], next.tail);
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
    await assertRunsAndBoots(host, await flake.toplevel('second'));
    await assertNothingLeft(host);
  }),
);

test(
  'a lock that a hand-run switch holds is waited for at the gate, at the test and at the promotion, and then it goes on (nine waits for a state: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    // Only after the first look at the host: who holds it then is told at once.
    await holdAt(host, 'build', 'check');
    const run = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    const untilItWaits = async (phase: Phase): Promise<void> => {
      const waits = 'another program is switching this host; waiting for its lock';
      await run.until(
        `it waits in ${phase}`,
        (event) => event.event === 'log' && event.phase === phase && event.line === waits,
      );
    };

    await untilHeldAt(host, 'build');
    await takeLock(host, 'one');
    await untilLockedBy(host, 'one');
    await letGo(host, 'build');
    await untilItWaits('gate');
    await freeLock(host, 'one');

    // The gate's own check holds the lock; whoever queues now has it before the test.
    await untilHeldAt(host, 'check');
    await takeLock(host, 'two');
    await letGo(host, 'check');
    await untilItWaits('test');
    await untilLockedBy(host, 'two');
    assert.equal((await host.facts()).running, lease.baseToplevel);
    await freeLock(host, 'two');

    await run.untilShown('keep the new system? [y/N] ');
    await takeLock(host, 'three');
    await untilLockedBy(host, 'three');
    run.type('y\n');
    await untilItWaits('promote');
    assert.equal((await host.facts()).bootDefault, lease.baseToplevel);
    await freeLock(host, 'three');

    const end = await run.ended;
    assert.deepEqual([end.result(host.name).verdict, end.code], ['promoted', 0], end.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
  }),
);

test(
  'who meets another deployment after the build waits for that as well, and goes on from what the host runs once it is aborted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: `${service('own')} ${heldOnTheWay}`,
    });
    await holdAt(host, 'build');
    const words = ['-o', 'json', `${host.name}/second`, '--wait-lock', '60s'];
    const patient = startFlurry(lease, words, { cwd: flake.directory });
    await untilHeldAt(host, 'build');
    const first = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await first.untilShown('keep the new system? [y/N] ');
    await letGo(host, 'build');
    await patient.until('it waits', (event) => event.event === 'note' && event.message.startsWith('waiting for '));
    first.type('n\n');
    const [firstEnd, patientEnd] = await Promise.all([first.ended, patient.ended]);
    assert.deepEqual([firstEnd.result(host.name).verdict, firstEnd.code], ['rolled-back', 1], firstEnd.tail);
    assert.deepEqual([patientEnd.result(host.name).verdict, patientEnd.code], ['promoted', 0], patientEnd.tail);
    await assertRunsAndBoots(host, await flake.toplevel('second'));
    await assertNothingLeft(host);
  }),
);

test(
  'a masked unit of ours is told as masked, with how to undo it; unmasked, it goes through',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await host.inside('systemctl mask --runtime flurry-activate.service');
    try {
      const run = await flurry(lease, [host.name], { cwd: flake.directory });
      const { verdict, code, reason, remedy } = run.result(host.name);
      const ssh = `ssh -F ${lease.sshConfig} -t ${host.name} sudo systemctl unmask`;
      assert.deepEqual(
        { verdict, code, reason, remedy, exit: run.code },
        {
          verdict: 'refused',
          code: 'unit-masked',
          reason:
            'the unit flurry-activate.service is masked on the host, so that no deployment can start there; the system of the host was not changed',
          remedy: [
            'somebody may have meant it; if not, undo it (in /run or in /etc):',
            `  ${ssh} --runtime -- flurry-activate.service`,
            `  ${ssh} -- flurry-activate.service`,
            'then:',
            `  flurry ${host.name} --ssh-config ${lease.sshConfig} --settle 500ms --output json`,
          ].join('\n'),
          exit: 1,
        },
        run.tail,
      );
      await assertUntouched(host, lease.baseToplevel);
    } finally {
      await host.inside('systemctl unmask --runtime flurry-activate.service');
    }
    const again = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.deepEqual([again.result(host.name).verdict, again.code], ['promoted', 0], again.tail);
  }),
);

/** Somebody takes the lock of switch-to-configuration, or queues for it, in a unit of that name. */
async function takeLock(host: HostHandle, who: string): Promise<void> {
  await host.inside(
    `mkdir -p /run/nixos
    systemd-run --quiet --collect --unit="holder-$1" -- flock /run/nixos/switch-to-configuration.lock sh -c ': >/run/fleet-held/"$1".has-it; exec sleep infinity' sh "$1"`,
    [who],
  );
  await host.waitUntil('it asks for the lock', `pgrep --full "flock .* ${who}$"`, 10_000);
}

async function untilLockedBy(host: HostHandle, who: string): Promise<void> {
  await host.waitUntil(`${who} has the lock`, `test -e /run/fleet-held/${who}.has-it`, 60_000);
}

async function freeLock(host: HostHandle, who: string): Promise<void> {
  await host.inside('systemctl stop "holder-$1"', [who]);
}
