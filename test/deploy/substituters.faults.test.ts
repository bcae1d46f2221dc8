import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { throughProxy } from './on-a-line.ts';
import { flurry } from './run-flurry.ts';

// A system that was built here is copied, and the host asks its own binary caches first.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const megabyte = 1_000_000;
const local = ['--build-on', 'local'] as const;

test(
  'a large path that a binary cache of the host has is taken from there: it is not sent',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { flake, toplevel, big } = await systemWithBigPath(lease, host);
    const cache = join(lease.directory, 'cache');
    const secret = join(lease.directory, 'cache.secret');
    await writeFile(secret, (await nix('key', 'generate-secret', '--key-name', 'cache-1')).trim());
    await nix('copy', '--to', `file://${cache}?compression=none&secret-key=${secret}`, big);
    const toPublic = 'nix --extra-experimental-features nix-command key convert-secret-to-public <"$1"';
    const key = (await program('sh', ['-c', toPublic, 'sh', secret])).stdout;
    await host.copyIn(cache, '/var/tmp/cache');
    await using _ = await nixOf(host, ['substituters = file:///var/tmp/cache', `trusted-public-keys = ${key}`]);
    await using line = await throughProxy(lease, host, { delayMs: 1, bytesPerSecond: 50 * megabyte });

    const run = await flurry(lease, [...line.words, host.name, ...local], {
      cwd: flake.directory,
      environment: buildsHere,
    });
    assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
    await assertRunsAndBoots(host, toplevel);
    await host.inside('test "$(stat -c %s "$1")" = 20000000', [big]);
    assert.ok(line.proxy.sentBytes() < 5 * megabyte, `${line.proxy.sentBytes()} bytes were sent`);
  }),
);

test(
  'a host whose binary cache takes connections and never answers is sent everything, and told so (20 s: it is waited for)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { flake, toplevel } = await systemWithBigPath(lease, host);
    let asked = 0;
    const silent = createServer((socket) => {
      asked += 1;
      socket.on('error', () => {}).resume();
      socket.unref();
    });
    silent.listen(0, '0.0.0.0');
    await once(silent, 'listening');
    const at = silent.address();
    assert.ok(at !== null && typeof at === 'object');
    // This machine's own address in the hosts' network.
    const here = host.address.replace(/\d+$/, '1');
    await using _ = await nixOf(host, [`substituters = http://${here}:${at.port}`]);
    try {
      const run = await flurry(lease, [host.name, ...local], { cwd: flake.directory, environment: buildsHere });
      assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
      assert.ok(asked > 0, 'the cache was never asked');
      const said = run.events.flatMap((event) => (event.event === 'log' && event.phase === 'copy' ? event.line : []));
      assert.ok(said.includes('its substituters do not answer: it is sent everything'), said.join('\n'));
      await assertRunsAndBoots(host, toplevel);
    } finally {
      silent.close();
    }
  }),
);

/** A system that refers to a path of 20 MB which only this machine has built. */
async function systemWithBigPath(lease: Lease, host: HostHandle) {
  // The shell stays: head closes its standard error before it exits, and Nix kills a builder whose output has ended.
  const big = `derivation {
    name = "big";
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" "/usr/bin/head -c 20000000 /dev/urandom >$out && :" ];
    run = "${lease.directory}";
  }`;
  const flake = await flakeFixture(lease.directory, {
    [host.name]: `${service('own')} system.extraSystemBuilderCmds = "ln -s \${${big}} $out/big";`,
  });
  const build = ['build', '--no-link', '--no-write-lock-file'];
  const attribute = `nixosConfigurations.${host.name}.config.system.build.toplevel`;
  await nix(...build, `git+file://${flake.directory}#${attribute}`);
  const toplevel = await flake.toplevel(host.name);
  const { stdout } = await program('readlink', [join(toplevel, 'big')]);
  return { flake, toplevel, big: stdout.trim() };
}

async function nix(...words: readonly string[]): Promise<string> {
  const features = ['--extra-experimental-features', 'nix-command flakes'];
  const environment = { ...buildsHere, GIT_CONFIG_NOSYSTEM: '1' };
  return (await program('nix', [...features, ...words], { environment })).stdout;
}

/** Adds lines to a host's nix.conf, until it is disposed of. */
async function nixOf(host: HostHandle, lines: readonly string[]): Promise<AsyncDisposable> {
  const restart = 'systemctl restart nix-daemon.service';
  await host.inside(
    `cp -p /etc/nix/nix.conf /run/nix.conf.before; printf '%s\\n' "$@" >>/etc/nix/nix.conf; ${restart}`,
    lines,
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await host.inside(`cp -p /run/nix.conf.before /etc/nix/nix.conf; rm -rf /var/tmp/cache; ${restart}`);
    },
  };
}
