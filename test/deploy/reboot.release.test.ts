import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const newKernel = 'shaped.kernelVersion = "6.18.1";';
const ifNeeded = ['--reboot', 'if-needed'];

test(
  'a new kernel: tested, booted once, and promoted when it has come up well; then unchanged',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${newKernel}` });
    const toplevel = await flake.toplevel(host.name);
    const before = await host.facts();

    const run = await flurry(lease, [host.name, ...ifNeeded], { cwd: flake.directory });
    const { verdict, code, reason, running, bootDefault } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, running, bootDefault },
      {
        verdict: 'promoted',
        code: null,
        reason: 'runs and boots it, after a trial boot',
        running: toplevel,
        bootDefault: toplevel,
      },
      run.tail,
    );
    await assertRunsAndBoots(host, toplevel);
    const { booted, bootId } = await host.facts();
    assert.equal(booted, toplevel);
    assert.notEqual(bootId, before.bootId);
    await assertNothingLeft(host);
    // It was the default only behind the reboot, and its absence was no alarm.
    const phases = run.events.flatMap((event) => (event.event === 'phase-started' ? event.phase : []));
    assert.deepEqual(phases.slice(phases.indexOf('gate')), [
      ...['gate', 'test', 'verify', 'promote', 'reboot', 'gate', 'promote'],
    ]);
    assert.deepEqual(
      run.events.filter(({ event }) => event === 'out-of-reach'),
      [],
    );
    const { stdout: ends } = await host.inside(
      `sed -n 's/.*"event":"ended".*"verdict":"\\([a-z-]*\\)".*/\\1/p' /var/lib/flurry/history.jsonl`,
    );
    assert.equal(ends, 'tested\npromoted\n');

    // Both can be joined afterwards: the trial, and the promotion behind the reboot.
    const started = run.events.find((event) => event.event === 'run-started');
    const id = started?.event === 'run-started' ? `${started.deployment}` : '';
    for (const [joined, end] of [
      [id, 'tested'],
      [`${id}-boot`, 'promoted'],
    ] as const) {
      const attached = await flurry(lease, ['attach', host.name, joined]);
      assert.deepEqual([attached.result(host.name).verdict, attached.code], [end, 0], attached.tail);
    }

    const again = await flurry(lease, [host.name, ...ifNeeded], { cwd: flake.directory });
    assert.equal(again.result(host.name).verdict, 'unchanged', again.tail);
    await host.reboot();
    await assertRunsAndBoots(host, toplevel);
  }),
);
