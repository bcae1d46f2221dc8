import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched, untilEnded } from './host-claims.ts';
import { type FlurryEnd, flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

const isBack = 'the host has put itself back and runs what it ran before';
const isUntouched = 'the system of the host was not changed';
const together = (other: HostHandle): string =>
  `${other.name} did not make it, and the hosts of this run change together or not at all`;

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
  '--all-or-nothing: one fails its test while the others wait to be confirmed: all three ran the new system, and run and boot what they ran',
  options,
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [one, bad, two] = hosts;
    assert.ok(one && bad && two);
    const broken = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';
    const flake = await flakeOf(lease, [service('own'), `${heldOnTheWay} ${broken}`, service('own')]);
    await holdAt(bad, 'activation');
    const flags = ['--all-or-nothing', '--parallel', '1', '-o', 'json'];
    const run = startFlurry(lease, [...namesOf(lease), ...flags], { cwd: flake.directory });
    for (const host of [one, two]) {
      await untilState(host, 'waiting');
      assert.equal((await host.facts()).running, await flake.toplevel(host.name));
    }
    await letGo(bad, 'activation');
    const end = await run.ended;
    assert.deepEqual(told(end, bad), {
      verdict: 'rolled-back',
      code: 'units-failed',
      reason: `1 unit failed under the new system: broken.service; ${isBack}`,
    });
    const reason = `${together(bad)}; ${isBack}`;
    for (const host of [one, two]) {
      assert.deepEqual(told(end, host), { verdict: 'rolled-back', code: 'others-failed', reason });
    }
    assert.equal(end.code, 1);
    for (const host of hosts) {
      await assertRunsAndBoots(host, baseToplevel);
      assert.equal((await untilEnded(host)).verdict, 'rolled-back');
      await assertNothingLeft(host);
    }
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

function namesOf(lease: Lease): readonly string[] {
  return lease.hosts.map(({ name }) => name);
}

async function flakeOf(lease: Lease, modules: readonly string[]): Promise<FlakeFixture> {
  const entries = lease.hosts.map(({ name }, index) => [name, modules[index] ?? '']);
  return await flakeFixture(lease.directory, Object.fromEntries(entries));
}

function verdicts(end: FlurryEnd, lease: Lease): readonly string[] {
  return lease.hosts.map(({ name }) => end.result(name).verdict);
}

function told(end: FlurryEnd, { name }: HostHandle) {
  const { verdict, code, reason } = end.result(name);
  return { verdict, code, reason };
}
