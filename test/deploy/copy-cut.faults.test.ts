import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { flakeFixture } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { throughProxy } from './on-a-line.ts';
import { startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const megabyte = 1_000_000;

/** A flake of two sources of 6 MB each. */
async function twoSources(lease: Lease, name: string) {
  const dep = join(lease.directory, 'dep');
  await mkdir(dep);
  await writeFile(join(dep, 'data'), randomBytes(6 * megabyte));
  const flake = await flakeFixture(
    lease.directory,
    { [name]: '' },
    {
      inputs: `inputs.dep = { url = "path:${dep}"; flake = false; };`,
      common: 'environment.etc."size".text = builtins.hashFile "sha256" (inputs.dep + "/data");',
    },
  );
  await writeFile(join(flake.directory, 'data'), randomBytes(6 * megabyte));
  await flake.lock();
  return flake;
}

test(
  'a copy whose connection is cut in its second path goes on over a new one, and the first path is not sent again',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await twoSources(lease, host.name);
    await using line = await throughProxy(lease, host, { delayMs: 1, bytesPerSecond: 4 * megabyte });
    const deploy = startFlurry(lease, ['-o', 'json', ...line.words, host.name], { cwd: flake.directory });
    await line.untilSent(9 * megabyte);
    line.proxy.cut();
    const end = await deploy.ended;
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    assert.ok(line.proxy.sentBytes() < 17 * megabyte, `${line.proxy.sentBytes()} bytes were sent`);
    const told = end.events.flatMap((event) => (event.event === 'out-of-reach' ? [[event.phase, event.course]] : []));
    assert.deepEqual(told, [['copy', 'stays']]);
    assert.ok(end.events.some((event) => event.event === 'copying' && event.sentBytes > megabyte));
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a copy that stands still for --copy-stall-timeout is tried again, told; where the line stays dead the host has failed after --reconnect-timeout, has no half path, and is not touched',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await twoSources(lease, host.name);
    await using line = await throughProxy(lease, host, { delayMs: 1, bytesPerSecond: 4 * megabyte });
    const limits = ['--copy-stall-timeout', '2s', '--connect-timeout', '1s', '--reconnect-timeout', '4s'];
    const deploy = startFlurry(lease, ['-o', 'json', ...line.words, ...limits, host.name], { cwd: flake.directory });
    await line.untilSent(2 * megabyte);
    line.proxy.stall();
    const end = await deploy.ended;
    assert.deepEqual([end.result(host.name).verdict, end.result(host.name).code], ['failed', 'contact-lost'], end.tail);
    const notes = end.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
    assert.deepEqual(notes, ['the copy stood still for 2 s; trying again over a new connection']);
    await host.inside('nix-store --verify');
    await assertUntouched(host, lease.baseToplevel);
  }),
);
