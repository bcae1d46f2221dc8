import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { cacheRoot } from '../fleet/paths.ts';
import { type ProgramResult, program } from '../fleet/program.ts';
import { repositoryFiles, root, textOf } from '../repository/files.ts';
import { type Packed, pack } from '../repository/packed.ts';

const onHosts = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const { version } = JSON.parse(textOf('package.json'));

let folder = '';
let packed: Packed;

// A tree of its own, so that nobody's dist is taken away: the package is built as it is for the registry.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flurry-npx-'));
  const tree = join(folder, 'tree');
  for (const path of repositoryFiles()) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await cp(join(root, path), join(tree, path));
  }
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  await mkdir(join(tree, 'dist', 'cli'), { recursive: true });
  await writeFile(join(tree, 'dist', 'cli', 'of-an-earlier-build.js'), '');
  packed = await pack(tree, folder, 'built');
  // What npm ci has fetched serves once more; what npx installs is gone with the folder.
  const cache = (await program('npm', ['config', 'get', 'cache'])).stdout.trim();
  await mkdir(join(folder, 'cache'));
  await symlink(join(cache, '_cacache'), join(folder, 'cache', '_cacache'));
});
after(() => rm(folder, { recursive: true }));

test('npm pack builds dist anew, with nothing of an earlier build', () => {
  const built = packed.paths.filter((path) => path.startsWith('dist/'));
  assert.ok(built.includes('dist/cli/main.js'));
  assert.ok(!built.includes('dist/cli/of-an-earlier-build.js'));
});

for (const major of [20, 24]) {
  test(`npx runs the packed flurry on Node ${major}: its version, and the hosts of a flake`, async () => {
    assert.match((await npx(major, ['node', '--version'])).stdout, new RegExp(`^v${major}\\.`));
    assert.equal((await npx(major, ['flurry', '--version'])).stdout, `flurry ${version}\n`);
    const flake = join(folder, `flake-${major}`);
    await mkdir(flake);
    await writeFile(join(flake, 'flake.nix'), '{ outputs = _: { nixosConfigurations.web1 = { }; }; }\n');
    const listing = await npx(major, ['flurry', '-f', `path:${flake}`], 2);
    assert.match(listing.stderr, /has 1 host:\n\n {2}web1\n/);
  });

  test(
    `npx runs the packed flurry on Node ${major}: check of a host, over its own SSH and over OpenSSH`,
    onHosts,
    withHosts(1, async ({ hosts: [host], sshConfig }) => {
      assert.ok(host);
      for (const transport of ['builtin', 'openssh']) {
        const words = ['check', host.name, '--ssh-config', sshConfig, '--transport', transport, '-o', 'json'];
        const { stdout } = await npx(major, ['flurry', ...words]);
        const { exitCode, hosts } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
        assert.deepEqual([exitCode, hosts[0].host, hosts[0].verdict], [0, host.name, 'healthy']);
      }
    }),
  );
}

/** Runs a program of the packed flurry's npx on that Node; the first of its PATH is that Node's. */
async function npx(major: number, command: readonly string[], code = 0): Promise<ProgramResult> {
  const node = await nodeOf(major);
  const npm = await realpath((await program('sh', ['-c', 'command -v npm'])).stdout.trim());
  const words = ['exec', '--yes', '--prefer-offline', `--package=${join(folder, packed.filename)}`, '--', ...command];
  const environment = {
    PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}`,
    npm_config_cache: join(folder, 'cache'),
    npm_config_update_notifier: 'false',
    HOME: folder,
  };
  const ended = await program('env', ['-C', folder, node, npm, ...words], {
    environment,
    allowFailure: true,
    timeoutMs: 300_000,
  });
  assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`);
  return ended;
}

/** The node of that major version: this one, or the newest that npm has, kept in the cache from one run to the next. */
async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return realpath(process.execPath);
  const home = join(cacheRoot, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(home, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    await mkdir(home, { recursive: true });
    const words = ['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`];
    await program('npm', words, { timeoutMs: 300_000 });
  }
  return node;
}
