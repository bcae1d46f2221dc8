import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { root, textOf } from './files.ts';
import { type Packed, pack } from './packed.ts';

const run = promisify(execFile);

let folder = '';
let packed: Packed;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flurry-package-'));
  packed = await pack(root, folder, 'as-built');
});
after(() => rm(folder, { recursive: true }));

test('the package holds what runs, and nothing else', () => {
  const wanted =
    /^(CHANGELOG\.md|LICENSE|README\.md|package\.json|bin\/flurry\.js|dist\/LICENSES\.txt|dist\/cli\/[^/]*\.js|docs\/flurry\.1|src\/cli\/completions\/flurry\.(bash|zsh|fish)|src\/host\/scripts\/.*\.sh)$/;
  assert.deepEqual(
    packed.paths.filter((path) => !wanted.test(path)),
    [],
  );
  for (const path of [
    'bin/flurry.js',
    'dist/cli/main.js',
    'dist/LICENSES.txt',
    'src/host/scripts/observe.sh',
    'src/cli/completions/flurry.zsh',
    'docs/flurry.1',
    'README.md',
    'LICENSE',
  ]) {
    assert.ok(packed.paths.includes(path), path);
  }
});

test('flurry runs from the package alone, and finds its version and its scripts', async () => {
  await run('tar', ['-xzf', packed.filename, '-C', folder], { cwd: folder });
  const home = join(folder, 'package');
  const flurry = join(home, 'bin', 'flurry.js');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json')));
  assert.equal((await run(process.execPath, [flurry, '--version'], { cwd: folder })).stdout, `flurry ${version}\n`);
  const words = ['check', '--no-flake', '--ssh-config', '/dev/null', '-o', 'json', 'nobody.invalid'];
  const { stdout } = await run(process.execPath, [flurry, ...words], { cwd: folder }).catch((error) => error);
  const { hosts } = JSON.parse(stdout.trim().split('\n').at(-1));
  assert.deepEqual([hosts[0].verdict, hosts[0].code], ['unreachable', 'unknown-address']);
});

test('the words of licence of each package in it come with it', async () => {
  const home = join(root, 'dist', 'cli');
  const texts = (await readdir(home)).map((name) => readFileSync(join(home, name), 'utf8'));
  const modules = texts.flatMap((text) =>
    [...text.matchAll(/^\/\/ (node_modules\/\S+)$/gm)].map(([, path = '']) => path),
  );
  const folders = modules.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '');
  const headings = new Set(textOf('dist/LICENSES.txt').split('\n'));
  assert.ok(headings.has('ssh2 1.17.0'));
  for (const folder of new Set(folders)) {
    const { name, version } = JSON.parse(textOf(`${folder}/package.json`));
    assert.ok(headings.has(`${name} ${version}`), folder);
  }
});
