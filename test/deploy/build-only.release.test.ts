import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: spawnSync('nix', ['--version']).error === undefined ? false : 'needs Nix' };
const environment = { ...buildsHere, PATH: `${process.env['PATH']}` };

const directories: string[] = [];
after(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

/** Files of a run without hosts: whoever dials one leaves a mark. */
async function noHosts() {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-build-'));
  directories.push(directory);
  const mark = join(directory, 'dialled');
  const sshConfig = join(directory, 'ssh_config');
  await writeFile(sshConfig, `Match exec "touch ${mark}"\nHost *\n  ProxyCommand touch ${mark}; false\n`);
  return { lease: { directory, sshConfig }, wasDialled: () => existsSync(mark) };
}

test(
  'goal build on this machine tells which hosts still build, each configuration once, and asks no host',
  options,
  async () => {
    const { lease, wasDialled } = await noHosts();
    const flake = await flakeFixture(lease.directory, {
      web1: service('own'),
      web2: service('own', '2'),
      broken: 'shaped.buildFails = true;',
    });
    const hosts = ['web1', 'web2', 'ada@10.9.8.7/web1', 'broken'];
    const run = await flurry(lease, [...hosts, '--build-on', 'local', '--goal', 'build'], {
      cwd: flake.directory,
      environment,
    });
    assert.equal(run.code, 1, run.tail);
    const { code, verdict, reason, remedy } = run.result('broken');
    assert.deepEqual([code, verdict], ['build-failed', 'failed']);
    assert.match(reason, /^the build on this machine failed with exit code 1: /);
    assert.match(`${remedy}`, /\n {2}nix log \/nix\/store\/\S+\.drv\n/);
    for (const [host, name] of [
      ['web1', 'web1'],
      ['web2', 'web2'],
      ['10.9.8.7', 'web1'],
    ] as const) {
      const built = run.result(host);
      assert.deepEqual([built.verdict, built.running, built.bootDefault], ['built', null, null]);
      assert.equal(built.reason, `built ${name} on this machine: ${await flake.toplevel(name)}`);
      assert.ok(existsSync(await flake.toplevel(name)));
    }
    assert.match(JSON.stringify(run.events), /web1 is being built for web1 already/);
    assert.equal(
      run.events.some((event) => event.event === 'phase-started' && event.phase !== 'build'),
      false,
    );
    assert.equal(wasDialled(), false);
  },
);

test('what only a host could tell is refused where no host is asked', options, async () => {
  const { lease, wasDialled } = await noHosts();
  const flake = await flakeFixture(lease.directory, { web1: service('own') });
  const typed = ['web1', 'root@10.9.8.7', '--build-on', 'local', '--goal', 'build'];
  const run = await flurry(lease, typed, { cwd: flake.directory, environment });
  assert.equal(run.code, 2);
  assert.match(run.stderr, /destination "root@10\.9\.8\.7" must be named like its configuration/);
  assert.match(run.stderr, /\n {2}write root@10\.9\.8\.7\/NAME; the flake has web1\n/);
  assert.equal(wasDialled(), false);
});

test(
  'what this machine cannot build is refused before a host is touched, unless a builder is there for it',
  options,
  async () => {
    const { lease, wasDialled } = await noHosts();
    const flake = await flakeFixture(lease.directory, {
      pi1: 'nixpkgs.hostPlatform = "aarch64-linux";',
      web1: service('own'),
    });
    const typed = ['web1', 'pi1', '--build-on', 'local'];
    const run = await flurry(lease, typed, { cwd: flake.directory, environment });
    assert.equal(run.code, 2, run.tail);
    assert.match(run.stderr, /this machine cannot build pi1 \(aarch64-linux\); Nix here builds for x86_64-linux/);
    assert.match(run.stderr, /--build-on target/);
    assert.match(run.stderr, /boot\.binfmt\.emulatedSystems = \[ "aarch64-linux" \];/);
    assert.equal(wasDialled(), false);
    const builder = ['--option', 'builders', 'ssh://nobody@builder aarch64-linux'];
    const offered = await flurry(lease, [...typed, '--goal', 'build', ...builder], {
      cwd: flake.directory,
      environment,
    });
    assert.deepEqual([offered.code, offered.result('pi1').code], [1, 'build-failed'], offered.tail);
    assert.equal(offered.result('web1').verdict, 'built');
  },
);

test(
  'Ctrl-C ends the builds on this machine with all that they have started, and so does their limit',
  options,
  async () => {
    const { lease } = await noHosts();
    const held = `held${process.pid}`;
    const flake = await flakeFixture(lease.directory, {
      [held]: "system.extraSystemBuilderCmds = ''echo holding; while true; do sleep 0.1; done'';",
    });
    const typed = [held, '--build-on', 'local', '--goal', 'build'];
    const run = startFlurry(lease, ['-o', 'json', ...typed], { cwd: flake.directory, environment });
    await run.until('the build', (event) => event.event === 'log' && event.line.includes('holding'));
    assert.ok(buildersOf(held).length > 0);
    run.kill('SIGINT');
    const end = await run.ended;
    assert.deepEqual([end.code, end.result(held).code], [130, 'interrupted'], end.tail);
    assert.deepEqual(buildersOf(held), []);

    const slow = await flurry(lease, [...typed, '--build-timeout', '1s'], { cwd: flake.directory, environment });
    assert.deepEqual([slow.code, slow.result(held).code], [1, 'build-timeout'], slow.tail);
    assert.deepEqual(buildersOf(held), []);
  },
);

/** Processes in whose environment a derivation's name stands: its builder's. */
function buildersOf(name: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`name=nixos-system-${name}-`);
    } catch {
      return false;
    }
  });
}
