import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
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
    /^(CHANGELOG\.md|LICENSE|README\.md|package\.json|bin\/flurry\.js|dist\/.*\.js|docs\/flurry\.1|src\/cli\/completions\/flurry\.(bash|zsh|fish)|src\/host\/scripts\/.*\.sh)$/;
  assert.deepEqual(
    packed.paths.filter((path) => !wanted.test(path)),
    [],
  );
  for (const path of [
    'bin/flurry.js',
    'dist/cli/main.js',
    'src/host/scripts/observe.sh',
    'src/cli/completions/flurry.zsh',
    'docs/flurry.1',
    'README.md',
    'LICENSE',
  ]) {
    assert.ok(packed.paths.includes(path), path);
  }
});

test('flurry runs from the package and finds its version and its scripts', async () => {
  await run('tar', ['-xzf', packed.filename, '-C', folder], { cwd: folder });
  const home = join(folder, 'package');
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
  const flurry = join(home, 'bin', 'flurry.js');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json')));
  assert.equal((await run(process.execPath, [flurry, '--version'], { cwd: folder })).stdout, `flurry ${version}\n`);
  const scripts = `import('${home}/dist/host/scripts.js').then(({ scripts }) => console.log(scripts.observe.length > 100))`;
  assert.equal((await run(process.execPath, ['-e', scripts], { cwd: folder })).stdout, 'true\n');
});
