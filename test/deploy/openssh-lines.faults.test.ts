import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { flakeFixture } from './flake-fixture.ts';
import { holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';
import { assertSaidOnce, talkative } from './talkative.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const megabyte = 1_000_000;

test(
  'over OpenSSH: a host behind 4 Mbit/s that loses 3 % of all packets is promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: '' });
    await writeFile(join(flake.directory, 'data'), randomBytes(3 * megabyte));
    await flake.commit();
    await host.slowLink('4mbit');
    await host.loss(3);
    try {
      const words = [host.name, '--transport', 'openssh'];
      const end = await flurry(lease, words, { cwd: flake.directory, limitMs: 300_000 });
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    } finally {
      await host.mendNetwork();
    }
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'over OpenSSH: a link cut for 10 s in the middle of a build is not noticed, and each line is said once',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: talkative });
    await holdAt(host, 'build');
    const words = ['-o', 'json', host.name, '--transport', 'openssh'];
    const deploy = startFlurry(lease, words, { cwd: flake.directory, limitMs: 240_000 });
    await untilHeldAt(host, 'build');
    await host.cutNetwork();
    await letGo(host, 'build');
    await pause(10_000);
    await host.mendNetwork();
    const end = await deploy.ended;
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    assert.ok(!end.events.some(({ event }) => event === 'out-of-reach'), end.tail);
    assertSaidOnce(end, 'build');
    assertSaidOnce(end, 'activation');
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'over OpenSSH: a copy of 100 MB goes through while both sides make new keys at every megabyte',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: '' });
    await writeFile(join(flake.directory, 'data'), randomBytes(100 * megabyte));
    await flake.commit();
    await using second = await secondSshd(lease, host, ['RekeyLimit=1M']);
    const config = join(lease.directory, 'rekeys');
    const entry = [`Host ${host.name}`, 'RekeyLimit 1M', `HostKeyAlias ${host.address}`, `Port ${second.port}`];
    await writeFile(config, `${[...entry, `Include ${lease.sshConfig}`].join('\n  ')}\n`);
    const words = [host.name, '--ssh-config', config, '--transport', 'openssh', '--reconnect-timeout', '1s'];
    const end = await flurry(lease, words, { cwd: flake.directory, limitMs: 300_000 });
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    assert.ok(!end.events.some((event) => event.event === 'out-of-reach'), end.tail);
    assert.ok((await second.count(/SSH2_MSG_NEWKEYS received/)) > 50);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);
