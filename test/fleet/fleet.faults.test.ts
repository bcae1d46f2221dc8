import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { delayProxy } from './delay-proxy.ts';
import { dumpLease, fleetAvailable, withHosts } from './fleet.ts';
import { fleetState } from './fleet-state.ts';
import { onlyHost } from './only-host.ts';
import { program } from './program.ts';
import { greets } from './ssh-banner.ts';

const skip = fleetAvailable() ? false : 'needs a fleet (root on Linux): tsx test/fleet/cli.ts run --hosts 3 -- …';

test('a file survives a reboot and a power cut, and each boot has an id of its own', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    await host.inside('echo kept >/var/lib/a-file; touch /run/gone');
    const bootIds = [(await host.facts()).bootId];
    await host.reboot();
    bootIds.push((await host.facts()).bootId);
    await host.hardStop();
    await assert.rejects(host.inside('true'), /web\d+ is off/);
    await host.start();
    bootIds.push((await host.facts()).bootId);
    assert.equal(new Set(bootIds).size, 3);
    assert.equal(
      (await host.inside('cat /var/lib/a-file; ls /run/gone 2>/dev/null || echo gone')).stdout,
      'kept\ngone\n',
    );
  })();
});

test('a host whose boot entry is gone does not boot, says why, and is made anew for the next lease', {
  skip,
}, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    await host.inside('rm /boot/loader/entries/*');
    await assert.rejects(host.reboot(), /the default entry nixos-generation-1\.conf is not in/);
  })();
  await withHosts(1, async (lease) => {
    assert.equal((await onlyHost(lease).facts()).bootDefault, lease.baseToplevel);
  })();
});

test('a slow link is slow, a lossy one loses, and the delay proxy delays', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    await host.slowLink('1mbit');
    const args = ['-F', lease.sshConfig, host.name, 'head -c 200000 /dev/zero'];
    assert.ok((await secondsOf(() => program('ssh', args))) > 1.2);
    await host.mendNetwork();
    await host.loss(100);
    assert.equal(await greets(host.address), false);
    await host.loss(0);
    const proxy = await delayProxy({ address: host.address, delayMs: 150 });
    const scan = ['-p', `${proxy.port}`, '-t', 'ed25519', '127.0.0.1'];
    assert.ok((await secondsOf(() => program('ssh-keyscan', scan))) > 0.6);
    await proxy.close();
  })();
});

test('a full disk is the host’s own, and the next lease finds room again', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const filled = await onlyHost(lease).inside('fallocate -l 8G /home/big', [], { allowFailure: true });
    assert.match(filled.stderr, /No space left on device/);
  })();
  await withHosts(1, async (lease) => {
    await onlyHost(lease).inside('test ! -e /home/big');
  })();
});

test('a dump has the journal, the units and the state files of each host', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    await host.inside('mkdir -p /run/flurry/1; echo armed >/run/flurry/1/state; logger -t a-test "a line to be found"');
    const folder = `${await dumpLease(lease)}/${host.name}`;
    assert.match(await readFile(`${folder}/journal.txt`, 'utf8'), /a line to be found/);
    assert.equal(await readFile(`${folder}/run-flurry/1/state`, 'utf8'), 'armed\n');
    assert.match(await readFile(`${folder}/units.txt`, 'utf8'), /ssh\.service/);
  })();
});

test('a second fleet gets another subnet, and leaves nothing behind when it is killed', { skip }, async () => {
  const first = await fleetState(process.env['FLURRY_TEST_FLEET'] ?? '');
  const cli = new URL('cli.ts', import.meta.url).pathname;
  const flags = ['--import', 'tsx', cli, 'up', '--hosts', '1', '--ttl', '2m', '--detach'];
  const path = (await program(process.execPath, flags, { timeoutMs: 120_000 })).stdout.trim();
  const second = await fleetState(path);
  assert.notEqual(second.subnet, first.subnet);
  process.kill(second.ownerPid, 'SIGKILL');
  await program('sh', [
    '-c',
    'for i in $(seq 200); do [ -e "$1" ] || exit 0; sleep 0.1; done; exit 1',
    'sh',
    second.directory,
  ]);
  const found = await program('sh', [
    '-c',
    'ip link; ip netns; mount; losetup --list; ps ax -o args; find /sys/fs/cgroup -type d',
  ]);
  assert.deepEqual(
    found.stdout.split('\n').filter((line) => line.includes(second.id) && !line.includes('find ')),
    [],
  );
  assert.equal(existsSync(second.directory), false);
  assert.ok((await readdir(first.directory)).includes('fleet.json'));
});

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
