import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { flakeFixture } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { throughProxy } from './on-a-line.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const megabyte = 1_000_000;

async function heavyFlake(lease: Lease, host: HostHandle, bytes: number) {
  const flake = await flakeFixture(lease.directory, { [host.name]: '' });
  await writeFile(join(flake.directory, 'data'), randomBytes(bytes));
  await flake.commit();
  return flake;
}

test(
  'a host behind 4 Mbit/s that loses 3 % of all packets is promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await heavyFlake(lease, host, 3 * megabyte);
    await host.slowLink('4mbit');
    await host.loss(3);
    try {
      const end = await flurry(lease, [host.name], { cwd: flake.directory, limitMs: 300_000 });
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    } finally {
      await host.mendNetwork();
    }
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a host behind 4 Mbit/s and 150 ms is promoted, though the line stands still for a minute in the copy: only that is waited for',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await heavyFlake(lease, host, 3 * megabyte);
    await using line = await throughProxy(lease, host, { delayMs: 150, bytesPerSecond: megabyte / 2 });
    const deploy = startFlurry(lease, ['-o', 'json', ...line.words, host.name], {
      cwd: flake.directory,
      limitMs: 300_000,
    });
    await line.untilSent(megabyte);
    line.proxy.stall();
    await pause(60_000);
    line.proxy.resume();
    const end = await deploy.ended;
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a copy of 100 MB goes through an sshd that makes new keys at every megabyte',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await heavyFlake(lease, host, 100 * megabyte);
    await using second = await secondSshd(lease, host, ['RekeyLimit=1M']);
    const config = join(lease.directory, 'rekeys');
    const entry = [`Host ${host.name}`, `HostKeyAlias ${host.address}`, `Port ${second.port}`];
    await writeFile(config, `${[...entry, `Include ${lease.sshConfig}`].join('\n  ')}\n`);
    const words = [host.name, '--ssh-config', config, '--reconnect-timeout', '1s'];
    const end = await flurry(lease, words, { cwd: flake.directory, limitMs: 300_000 });
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    assert.ok(!end.events.some((event) => event.event === 'out-of-reach'), end.tail);
    // A busy machine sends several megabytes while new keys are made: 65 times is usual.
    assert.ok((await second.count(/SSH2_MSG_NEWKEYS received/)) > 20);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'with one at a time each, no two hosts are dialled, copied to, or build at once, and who waits for long says so',
  options,
  withHosts(2, async (lease) => {
    const [host, other] = lease.hosts;
    assert.ok(host && other);
    const flake = await flakeFixture(lease.directory, { [host.name]: '', [other.name]: '' });
    await writeFile(join(flake.directory, 'data'), randomBytes(4 * megabyte));
    await flake.commit();
    for (const each of lease.hosts) await each.slowLink('4mbit');
    const ones = ['connects', 'copies', 'builds'].flatMap((what) => [`--parallel-${what}`, '1']);
    const end = await flurry(lease, [host.name, other.name, ...ones], { cwd: flake.directory });
    for (const each of lease.hosts) await each.mendNetwork();
    assert.equal(end.code, 0, end.tail);
    for (const phase of ['connect', 'copy', 'build']) {
      const order = end.events.flatMap((event) =>
        (event.event === 'phase-started' || event.event === 'phase-ended') && event.phase === phase
          ? [event.event]
          : [],
      );
      const [begins, ends] = ['phase-started', 'phase-ended'];
      assert.deepEqual(order, [begins, ends, begins, ends], phase);
    }
    const notes = end.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
    assert.deepEqual(notes, ['waits for its turn to be copied to (--parallel-copies 1)']);
  }),
);
