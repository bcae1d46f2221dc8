import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { type FlurryEnd, flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  '--parallel 1 works on one host at a time: the copy to the next begins when the one before is promoted',
  options,
  withHosts(2, async (lease) => {
    const names = lease.hosts.map(({ name }) => name);
    const flake = await flakeOf(lease, `${service('own')} ${heldBuild}`);
    const run = startFlurry(lease, ['-o', 'json', ...names, '--parallel', '1'], { cwd: flake.directory });
    const first = await run.until(
      'a build has begun',
      (event) => event.event === 'phase-started' && event.phase === 'build',
    );
    // The other one has been looked at by now, and waits for its turn for as long as the first one builds.
    const other = names.find((name) => 'host' in first && name !== first.host);
    await run.until(
      'the other was looked at',
      (event) => event.event === 'phase-ended' && event.phase === 'observe' && event.host === other,
    );
    await Promise.all(lease.hosts.map(releaseBuild));
    const end = await run.ended;
    assert.equal(end.code, 0, end.tail);
    const steps = end.events.flatMap((event) => {
      const begins = event.event === 'phase-started' && event.phase === 'copy';
      const ends = event.event === 'phase-ended' && event.phase === 'promote';
      return begins || ends
        ? [`${event.host === ('host' in first ? first.host : '') ? 'first' : 'other'} ${event.phase}`]
        : [];
    });
    assert.deepEqual(steps, ['first copy', 'first promote', 'other copy', 'other promote']);
  }),
);

test(
  '--unreachable=fail, the default: the dead host failed, the others are promoted, exit 1',
  options,
  withDeadHost(async ({ alive, dead, lease, run }) => {
    const end = await run();
    assert.deepEqual(told(end, dead), { verdict: 'failed', code: 'connect-timeout', reason: noAnswer(dead) }, end.tail);
    assert.equal(end.code, 1);
    for (const { host, toplevel } of alive) await assertRunsAndBoots(host, toplevel);
    await assertUntouched(dead, lease.baseToplevel);
  }),
);

test(
  '--unreachable=skip: the dead host is skipped, the others are promoted, exit 0',
  options,
  withDeadHost(async ({ alive, dead, lease, run }) => {
    const end = await run('--unreachable', 'skip');
    assert.deepEqual(
      told(end, dead),
      { verdict: 'skipped', code: 'connect-timeout', reason: noAnswer(dead) },
      end.tail,
    );
    assert.equal(end.code, 0);
    for (const { host, toplevel } of alive) await assertRunsAndBoots(host, toplevel);
    await assertUntouched(dead, lease.baseToplevel);
  }),
);

test(
  '--unreachable=stop: no host is touched when one is dead, exit 1',
  options,
  withDeadHost(async ({ alive, dead, lease, run }) => {
    const end = await run('--unreachable', 'stop');
    assert.deepEqual(told(end, dead), { verdict: 'failed', code: 'connect-timeout', reason: noAnswer(dead) }, end.tail);
    assert.equal(end.code, 1);
    for (const { host } of alive) {
      assert.deepEqual(told(end, host), {
        verdict: 'skipped',
        code: 'stopped',
        reason: `${host.name} was not started, since ${dead.name} cannot be reached and --unreachable=stop was given`,
      });
      await assertUntouched(host, lease.baseToplevel);
      const { stdout } = await host.inside('ls /nix/store | grep -c -e "-source$" || true');
      assert.equal(stdout.trim(), '0', 'nothing was copied');
    }
  }),
);

interface DeadHostRun {
  readonly alive: readonly { readonly host: HostHandle; readonly toplevel: string }[];
  readonly dead: HostHandle;
  readonly lease: Lease;
  readonly run: (...flags: readonly string[]) => Promise<FlurryEnd>;
}

/** Three hosts, of which the middle one does not answer. */
function withDeadHost(body: (given: DeadHostRun) => Promise<void>): () => Promise<void> {
  return withHosts(3, async (lease) => {
    const [one, dead, two] = lease.hosts;
    assert.ok(one && dead && two);
    await dead.loss(100);
    const flake = await flakeOf(lease, service('own'));
    const alive = await Promise.all(
      [one, two].map(async (host) => ({ host, toplevel: await flake.toplevel(host.name) })),
    );
    const names = lease.hosts.map(({ name }) => name);
    const run: DeadHostRun['run'] = (...flags) =>
      flurry(lease, [...names, '--connect-timeout', '1s', ...flags], { cwd: flake.directory });
    await body({ alive, dead, lease, run });
  });
}

async function flakeOf(lease: Lease, module: string): Promise<FlakeFixture> {
  return await flakeFixture(lease.directory, Object.fromEntries(lease.hosts.map(({ name }) => [name, module])));
}

function told(end: FlurryEnd, { name }: HostHandle) {
  const { verdict, code, reason } = end.result(name);
  return { verdict, code, reason };
}

function noAnswer({ address }: HostHandle): string {
  return `no answer from ${address} port 22 within 1 s (3 tries)`;
}
