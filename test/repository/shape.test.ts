import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryFiles, textOf } from './files.ts';

test('the top level holds only what belongs there', () => {
  const folders = ['.ci', 'bin', 'docs', 'examples', 'src', 'test'];
  const files = ['CHANGELOG.md', 'LICENSE', 'README.md', 'biome.json', 'flake.lock', 'flake.nix'];
  const packaging = ['package-lock.json', 'package.json', 'tsconfig.json'];
  const known = new Set([...folders, ...files, ...packaging, '.gitignore', '.npmrc']);
  const found = new Set(repositoryFiles().map((path) => path.split('/')[0] ?? ''));
  assert.deepEqual(
    [...found].filter((name) => !known.has(name)),
    [],
  );
});

test('no file of src has more than 300 lines', () => {
  const long = repositoryFiles().filter((path) => path.startsWith('src/') && textOf(path).split('\n').length > 301);
  assert.deepEqual(long, []);
});
