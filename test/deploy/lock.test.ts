import assert from 'node:assert/strict';
import { hostname, userInfo } from 'node:os';
import { test } from 'node:test';
import type { Phase } from '../../src/core/phase.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const owner = `${userInfo().username}@${hostname()}`;

test(
  'while a deployment waits on the host a second one is refused, and told who, since when, in which state and what to type; --wait-lock waits for so long, and then goes on to promote',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: `${service('own')} ${service('more')}`,
    });
    const first = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await first.untilShown('keep the new system? [y/N] ');
    const destination = `${host.name}/second`;
    const started = await first.until('it has begun', (event) => event.event === 'run-started');
    assert.ok(started.event === 'run-started');
    const { stdout: since } = await host.inside('cat /run/flurry/*/since');

    const refused = await flurry(lease, [destination], { cwd: flake.directory });
    const { verdict, code, reason, remedy } = refused.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, remedy, exit: refused.code },
      {
        verdict: 'refused',
        code: 'locked',
        reason: `${owner} deploys to the host since ${since.trim()} (deployment ${started.deployment}, waiting); the system of the host was not changed by this one`,
        remedy: [
          'to wait until that is done, and deploy then:',
          `  flurry ${destination} --ssh-config ${lease.sshConfig} --settle 500ms --output json --wait-lock 10m`,
          'to see what it does, and how it ends:',
          `  flurry attach ${destination} --ssh-config ${lease.sshConfig}`,
          'to stop it, if you may; the host then puts itself back:',
          `  flurry abort ${destination} --ssh-config ${lease.sshConfig}`,
        ].join('\n'),
        exit: 1,
      },
      refused.tail,
    );

    const impatient = await flurry(lease, [destination, '--wait-lock', '2s'], { cwd: flake.directory });
    assert.deepEqual([impatient.result(host.name).code, impatient.code], ['locked', 1], impatient.tail);
    const waits = `waiting for ${owner} (deployment ${started.deployment}, waiting) to be done`;
    assert.ok(
      impatient.events.some((event) => event.event === 'note' && event.message === waits),
      impatient.tail,
    );

    const patient = startFlurry(lease, ['-o', 'json', destination, '--wait-lock', '60s'], { cwd: flake.directory });
    await patient.until('it waits', (event) => event.event === 'note' && event.message === waits);
    first.type('y\n');
    const [firstEnd, patientEnd] = await Promise.all([first.ended, patient.ended]);
    assert.deepEqual([firstEnd.result(host.name).verdict, firstEnd.code], ['promoted', 0], firstEnd.tail);
    assert.deepEqual([patientEnd.result(host.name).verdict, patientEnd.code], ['promoted', 0], patientEnd.tail);
    await assertRunsAndBoots(host, await flake.toplevel('second'));
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
