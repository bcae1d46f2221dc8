import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { program } from '../fleet/program.ts';
import { repositoryFiles, root, textOf } from '../repository/files.ts';
import { addToStore, fetchTarballs, type OfflineFlake, offlineFlake, tarballsOf } from './offline-flake.ts';

const skip = spawnSync('nix', ['--version']).error === undefined ? false : 'no Nix here';
const systems = ['aarch64-darwin', 'aarch64-linux', 'x86_64-darwin', 'x86_64-linux'];
const { version } = JSON.parse(textOf('package.json'));

let flake: OfflineFlake;
let home = '';

before(async () => {
  if (skip) return;
  flake = await offlineFlake();
  await addToStore(await fetchTarballs(await tarballsOf(flake), join(flake.directory, 'tarballs')));
});
after(async () => {
  if (!skip) await flake[Symbol.asyncDispose]();
});

test('the flake has what it promises, for four systems, and Nix finds nothing wrong with it', { skip }, async () => {
  const shown = JSON.parse((await flake.nix(['flake', 'show', '--json', flake.reference])).stdout);
  assert.deepEqual(Object.keys(shown).sort(), [
    'apps',
    'checks',
    'devShells',
    'formatter',
    'lib',
    'nixosModules',
    'overlays',
    'packages',
  ]);
  for (const output of ['apps', 'checks', 'devShells', 'formatter', 'packages']) {
    assert.deepEqual(Object.keys(shown[output]), systems, output);
  }
  for (const system of systems) {
    assert.deepEqual(Object.keys(shown.apps[system]), ['default', 'deploy']);
    assert.deepEqual(Object.keys(shown.packages[system]), ['default', 'flurry']);
    const checks = ['formatting', 'package', 'target-options'];
    const expected = system.endsWith('linux') ? ['deploys', ...checks] : checks;
    assert.deepEqual(Object.keys(shown.checks[system]), expected);
  }
  await flake.nix(['flake', 'check', '--no-build', flake.reference]);
});

test('the lock file needs no change: keys sorted, as Nix writes them', { skip }, async () => {
  const path = join(flake.flurry, 'flake.lock');
  const before = await readFile(path, 'utf8');
  assert.equal(before, textOf('flake.lock'));
  const nix = ['--extra-experimental-features', 'nix-command flakes'];
  // Without the override: what is locked is not fetched.
  await program('nix', [...nix, 'flake', 'metadata', '--json', flake.reference]);
  assert.equal(await readFile(path, 'utf8'), before);
  assert.equal(`${JSON.stringify(sorted(JSON.parse(before)), null, 2)}\n`, before);
});

// It installs the packages and bundles: half a minute on a machine that has nothing else to do.
test('nix run .#deploy builds the program from tarballs alone, and runs it', { skip }, async () => {
  const run = await flake.nix(['run', `${flake.reference}#deploy`], ['--', '--version']);
  assert.equal(run.stdout, `flurry ${version}\n`);
  const built = await flake.nix(['build', '--no-link', '--json', `${flake.reference}#flurry`]);
  const [{ outputs }] = JSON.parse(built.stdout);
  home = join(outputs.out, 'lib', 'flurry');
});

test('its closure has node and nothing else beside it, and is under 4 MB without node', { skip }, async () => {
  const out = join(home, '..', '..');
  const closure = lines((await program('nix-store', ['--query', '--requisites', out])).stdout);
  assert.deepEqual(closure.map((path) => path.replace(/^\/nix\/store\/[^-]*-/, '')).sort(), [
    `flurry-${version}`,
    'node',
  ]);
  const sizes = lines((await program('nix-store', ['--query', '--size', ...closure])).stdout).map(Number);
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(sizeBytes > 1_000_000 && sizeBytes < 4_000_000, `${sizeBytes}`);
});

test('it holds what npm ships: hosts get the scripts as they are here, without a store path', { skip }, async () => {
  const { stdout } = await program('diff', ['-r', join(root, 'dist'), join(home, 'dist')]);
  assert.equal(stdout, '');
  for (const path of repositoryFiles().filter((one) => one.startsWith('src/host/scripts/'))) {
    assert.equal(await readFile(join(home, path), 'utf8'), textOf(path));
  }
});

for (const [path, installed] of [
  ['docs/flurry.1', 'man/man1/flurry.1'],
  ['src/cli/completions/flurry.bash', 'bash-completion/completions/flurry.bash'],
  ['src/cli/completions/flurry.zsh', 'zsh/site-functions/_flurry'],
  ['src/cli/completions/flurry.fish', 'fish/vendor_completions.d/flurry.fish'],
] as const) {
  const missing = !repositoryFiles().includes(path) && `there is no ${path}`;
  test(`${path} is installed where it is looked for`, { skip: skip || missing }, async () => {
    assert.equal(await readFile(join(home, '..', '..', 'share', installed), 'utf8'), textOf(path));
  });
}

test('it finds the nix that is in the PATH of whoever runs it, and lists the hosts of their flake', {
  skip,
}, async () => {
  const directory = join(flake.directory, 'theirs');
  await mkdir(directory);
  await writeFile(join(directory, 'flake.nix'), '{ outputs = _: { nixosConfigurations.web1 = { }; }; }\n');
  const options = { allowFailure: true, environment: { HOME: directory } };
  const run = await program(join(home, '..', '..', 'bin', 'flurry'), ['-f', `path:${directory}`], options);
  assert.equal(run.code, 2);
  assert.match(run.stderr, /has 1 host:\n\n {2}web1\n/);
});

// The whole build once more, compared bit by bit.
test('a build in a sandbox, without network, comes to the same bytes', { skip }, async () => {
  const programs = '/bin /usr /lib /lib64 /etc/alternatives';
  const sandbox = ['--option', 'sandbox', 'true', '--option', 'sandbox-fallback', 'false'];
  const words = ['build', '--rebuild', '--no-link', ...sandbox, '--option', 'sandbox-paths', programs];
  await flake.nix([...words, `${flake.reference}#flurry`]);
});

function lines(text: string): readonly string[] {
  return text.trim().split('\n');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
