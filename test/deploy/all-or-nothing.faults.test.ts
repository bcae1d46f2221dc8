import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched, untilEnded } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { type FlurryEnd, flurry, startFlurry } from './run-flurry.ts';
import { flakeOf, namesOf, together, told } from './together-or-not.ts';

const fleetOf = (hosts: number) => ({
  skip: fleetAvailable() ? false : `needs a fleet: tsx test/fleet/cli.ts run --hosts ${hosts} -- …`,
});

test(
  '--all-or-nothing: a host that is cut off while it waits goes back by itself, and the others with it (30 s: deadlines pass)',
  fleetOf(3),
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [cut, waiting, testing] = hosts;
    assert.ok(cut && waiting && testing);
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      lease.directory,
      Object.fromEntries(names.map((name) => [name, `${service('own')} ${heldOnTheWay}`])),
    );
    await holdAt(testing, 'activation');
    const limits = ['--confirm-timeout', '9s', '--answer-timeout', '6s', '--connect-timeout', '2s'];
    const run = startFlurry(lease, [...names, '--all-or-nothing', '-o', 'json', ...limits], { cwd: flake.directory });
    await untilHeldAt(testing, 'activation');
    for (const host of [cut, waiting]) await untilState(host, 'waiting');
    await cut.cutNetwork();
    const back = await untilEnded(cut);
    assert.deepEqual([back.verdict, back.facts], ['rolled-back', ['code not-confirmed', 'by deadline']]);
    assert.equal((await untilEnded(waiting)).verdict, 'rolled-back');
    await letGo(testing, 'activation');
    assert.equal((await untilEnded(testing)).verdict, 'rolled-back');
    await cut.mendNetwork();
    const end = await run.ended;
    assert.deepEqual(
      names.map((name) => [end.result(name).verdict, end.result(name).code]),
      [
        ['rolled-back', 'not-confirmed'],
        ['rolled-back', 'others-failed'],
        ['rolled-back', 'others-failed'],
      ],
      end.tail,
    );
    for (const host of hosts) {
      await assertRunsAndBoots(host, baseToplevel);
      await assertNothingLeft(host);
    }
  }),
);

test(
  '--all-or-nothing: the coordinator is killed while hosts are gated: they end refused by themselves; killed while all wait for a person: all go back by themselves (40 s: deadlines pass)',
  fleetOf(3),
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [one, two, late] = hosts;
    assert.ok(one && two && late);
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      lease.directory,
      Object.fromEntries(names.map((name) => [name, `${service('own')} ${heldOnTheWay}`])),
    );
    const flags = [...names, '--all-or-nothing', '-o', 'json', '--confirm-timeout', '6s'];

    await holdAt(late, 'build');
    const building = startFlurry(lease, flags, { cwd: flake.directory });
    for (const host of [one, two]) await untilState(host, 'gated');
    await untilHeldAt(late, 'build');
    building.kill('SIGKILL');
    await building.ended;
    for (const host of [one, two]) {
      const refused = 'printf "verdict refused\\ncode not-released\\nby deadline\\n" | cmp -s - /run/flurry/*/end';
      await host.waitUntil('it was refused', refused, 60_000);
    }
    await letGo(late, 'build');
    for (const host of [one, two]) await assertUntouched(host, baseToplevel);
    await assertRunsAndBoots(late, baseToplevel);

    const asking = flurryOnTerminal(lease, [...flags, '--confirm', 'ask'], { cwd: flake.directory });
    await asking.untilShown(`each of ${names.join(', ')} was tested and waits: keep the new system? [y/N] `);
    for (const host of hosts) await untilState(host, 'waiting');
    asking.kill('SIGKILL');
    await asking.ended;
    for (const host of hosts) {
      const { verdict, facts } = await untilEnded(host);
      assert.deepEqual([verdict, facts], ['rolled-back', ['code not-confirmed', 'by deadline']]);
      await assertRunsAndBoots(host, baseToplevel);
    }
    // On the other the build's folder stays, as of every coordinator that is killed while it builds.
    for (const host of [one, two]) await assertNothingLeft(host);
  }),
);

test(
  '--all-or-nothing: a host that was confirmed and cannot write its boot loader: each keeps its own verdict, and every host is warned who is on which side',
  fleetOf(3),
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [one, bad, two] = hosts;
    assert.ok(one && bad && two);
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, {
      [one.name]: service('own'),
      [bad.name]: `${service('own')} shaped.loaderFails = true;`,
      [two.name]: service('own'),
    });
    const end = await flurry(lease, [...names, '--all-or-nothing'], { cwd: flake.directory });
    assert.deepEqual(
      names.map((name) => [end.result(name).verdict, end.result(name).code]),
      [
        ['promoted', null],
        ['rolled-back', 'promotion-failed'],
        ['promoted', null],
      ],
      end.tail,
    );
    assert.equal(end.code, 1);
    const sides = `${one.name}, ${two.name} kept the new system, ${bad.name} did not`;
    const warned = end.events.flatMap((event) =>
      event.event === 'note' && event.level === 'warning' && event.message.includes(sides) ? [event.host] : [],
    );
    assert.deepEqual(warned.toSorted(), names);
    assert.ok(end.result(one.name).reason.includes(sides));
    for (const host of [one, two]) await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertRunsAndBoots(bad, baseToplevel);
  }),
);

test(
  '--all-or-nothing: of twelve hosts one is slow by two minutes; with --confirm-timeout 20s the others are kept waiting, nobody times out, all are promoted',
  fleetOf(12),
  withHosts(12, async (lease) => {
    const names = lease.hosts.map(({ name }) => name);
    const slow = names.at(-1);
    const flake = await flakeFixture(
      lease.directory,
      Object.fromEntries(
        names.map((name) => [
          name,
          `${service('own')} ${name === slow ? 'system.activationScripts.slow = "sleep 120";' : ''}`,
        ]),
      ),
    );
    const flags = ['--all-or-nothing', '--confirm-timeout', '20s', '--parallel', '4'];
    const end = await flurry(lease, [...names, ...flags], { cwd: flake.directory, limitMs: 600_000 });
    assert.deepEqual(
      names.map((name) => end.result(name).verdict),
      names.map(() => 'promoted'),
      end.tail,
    );
    assert.equal(end.code, 0);
    for (const host of lease.hosts) await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

const isUntouched = 'the system of the host was not changed';

test(
  '--all-or-nothing with --parallel 1: one builds after the other, no test begins before all are gated, all are promoted',
  options,
  withHosts(3, async (lease) => {
    const flake = await flakeOf(lease, [service('own'), service('own'), service('own')]);
    const end = await flurry(lease, [...namesOf(lease), '--all-or-nothing', '--parallel', '1'], {
      cwd: flake.directory,
    });
    assert.deepEqual(verdicts(end, lease), ['promoted', 'promoted', 'promoted'], end.tail);
    assert.equal(end.code, 0);
    const builds = end.events.flatMap((event) => (isPhase(event, 'build') ? [event.event] : []));
    assert.deepEqual(builds, Array(3).fill(['phase-started', 'phase-ended']).flat());
    const gated = end.events.findLastIndex((event) => isPhase(event, 'build') && event.event === 'phase-ended');
    const tested = end.events.findIndex((event) => isPhase(event, 'test'));
    const proven = end.events.findLastIndex((event) => isPhase(event, 'test'));
    const promoted = end.events.findIndex((event) => isPhase(event, 'promote'));
    assert.ok(gated < tested && proven < promoted, `${[gated, tested, proven, promoted]}`);
    for (const host of lease.hosts) await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  '--all-or-nothing: a build fails while one host is gated and another builds: the one is refused, the other cancelled, none is touched',
  options,
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [gated, bad, building] = hosts;
    assert.ok(gated && bad && building);
    const flake = await flakeOf(lease, [
      service('own'),
      heldBuild.replace('done', 'done; exit 7'),
      `${service('own')} ${heldOnTheWay}`,
    ]);
    await holdAt(building, 'build');
    const run = startFlurry(lease, [...namesOf(lease), '--all-or-nothing', '-o', 'json'], { cwd: flake.directory });
    await untilState(gated, 'gated');
    await untilHeldAt(building, 'build');
    await releaseBuild(bad);
    const end = await run.ended;
    assert.equal(told(end, bad).code, 'build-failed', end.tail);
    const reason = `${together(bad)}; ${isUntouched}`;
    assert.deepEqual(told(end, gated), { verdict: 'refused', code: 'others-failed', reason });
    assert.deepEqual(told(end, building), { verdict: 'skipped', code: 'others-failed', reason });
    assert.equal(end.code, 1);
    await building.inside('! systemctl is-active --quiet "flurry-build-*"');
    for (const host of hosts) await assertUntouched(host, baseToplevel);
  }),
);

function isPhase(event: Event, phase: string): event is Extract<Event, { event: 'phase-started' | 'phase-ended' }> {
  return (event.event === 'phase-started' || event.event === 'phase-ended') && event.phase === phase;
}

function verdicts(end: FlurryEnd, lease: Lease): readonly string[] {
  return lease.hosts.map(({ name }) => end.result(name).verdict);
}
