import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { nixString } from '../../src/nix/nix-string.ts';
import { offlineFlake } from '../flake/offline-flake.ts';
import { standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';
import { repositoryFiles, root, textOf } from '../repository/files.ts';
import { blocksOf, commandsOf } from './markdown.ts';

const skip = spawnSync('nix', ['--version']).error === undefined ? false : 'no Nix here';
const page = textOf('docs/install.md');

test('the flake of docs/install.md, as it stands there, has deploy as its own app and a host that lets its user in', {
  skip,
}, async () => {
  await using ours = await offlineFlake();
  const theirs = join(ours.directory, 'theirs');
  await mkdir(theirs);
  const flake = blocksOf(page).find(({ language }) => language === 'nix');
  await writeFile(join(theirs, 'flake.nix'), flake?.text ?? '');
  await writeFile(
    join(theirs, 'configuration.nix'),
    '{ security.sudo.enable = true; security.sudo.execWheelOnly = false; }\n',
  );
  const evaluated = async (attribute: string) => {
    const inputs = ['--override-input', 'flurry', ours.reference];
    const { stdout } = await ours.nix(['eval', '--json', `path:${theirs}#${attribute}`, ...inputs]);
    return JSON.parse(stdout);
  };

  const app = 'apps.x86_64-linux.deploy.program';
  assert.match(await evaluated(app), /\/bin\/flurry$/);
  assert.equal(
    await evaluated(app),
    JSON.parse((await ours.nix(['eval', '--json', `${ours.reference}#${app}`])).stdout),
  );
  const config = 'nixosConfigurations.web1.config';
  assert.deepEqual(await evaluated(`${config}.users.users.deploy.openssh.authorizedKeys.keys`), [
    'ssh-ed25519 AAAA... you@laptop',
  ]);
  const [rule] = await evaluated(`${config}.security.sudo.extraRules`);
  assert.deepEqual(rule.users, ['deploy']);
});

test('docs/install.md has the options of the module, with their defaults', { skip }, async () => {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| `(.*?)` +\|/gm)].map(([, name = '', value = '']) => [name, value]);
  const module = nixString(join(root, 'src', 'flake', 'target.nix'));
  const nixpkgs = `import ${nixString(join(standInFlake, 'default.nix'))} { }`;
  const options = `((${nixpkgs}).lib.nixosSystem { modules = [ ${module} ]; }).config.flurry.target`;
  const words = ['--extra-experimental-features', 'nix-command', 'eval', '--json', '--impure', '--expr', options];
  const defaults: object = JSON.parse((await program('nix', words)).stdout);
  const told = Object.fromEntries(rows.map(([name = '', value = '']) => [name, JSON.parse(value)]));
  assert.deepEqual(told, defaults);
});

test('npm link, as the README has it, puts flurry into the PATH and its page beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flurry-link-'));
  try {
    const clone = join(folder, 'clone');
    for (const path of repositoryFiles()) {
      await mkdir(dirname(join(clone, path)), { recursive: true });
      await cp(join(root, path), join(clone, path));
    }
    // What npm ci installs and builds.
    for (const path of ['node_modules', 'dist']) await symlink(join(root, path), join(clone, path));
    const prefix = join(folder, 'prefix');
    await mkdir(join(prefix, 'lib'), { recursive: true });
    const [install] = blocksOf(textOf('README.md')).filter(({ text }) => /^npm ci/m.test(text));
    assert.ok(install);
    const [ci = '', link = ''] = commandsOf(install);
    assert.match(ci, /^npm ci( |$)/);
    const environment = { npm_config_prefix: prefix, npm_config_ignore_scripts: 'true', npm_config_offline: 'true' };
    await program('env', ['-C', clone, 'sh', '-c', link], { environment, timeoutMs: 120_000 });

    const { version } = JSON.parse(textOf('package.json'));
    const { stdout } = await program(join(prefix, 'bin', 'flurry'), ['--version']);
    assert.equal(stdout, `flurry ${version}\n`);
    assert.ok((await lstat(join(prefix, 'share', 'man', 'man1', 'flurry.1'))).isSymbolicLink());
  } finally {
    await rm(folder, { recursive: true });
  }
});
