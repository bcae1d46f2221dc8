import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedInputs } from '../../src/nix/locked-inputs.ts';
import { sourcePath } from '../../src/nix/source-path.ts';
import { nix, tree, withoutNix } from './flake-trees.ts';

// Of a real lock file and the store path that Nix gave it.
test('the store path of a source follows from its hash', { skip: withoutNix }, () => {
  const folder = tree('hashed', { 'a/b': 'text' });
  const path = nix('store', 'add-path', '--name', 'source', folder).trim();
  const hash = nix('hash', 'path', folder).trim();
  assert.equal(sourcePath(hash), path);
  assert.equal(sourcePath('sha512-AAAA'), undefined);
});

const hashes = 'ABCDEFGHIJKLMN';
const pin = (index: number, rest: object) => ({
  narHash: `sha256-${(hashes[index] ?? '').repeat(42)}A=`,
  lastModified: 1,
  ...rest,
});

const sources: readonly (readonly [name: string, locked: object, auto: string | undefined])[] = [
  ['folder', { type: 'path', path: '/home/me/dep' }, 'first'],
  ['part', { type: 'path', path: './dep' }, undefined],
  ['repository', { type: 'git', url: 'file:///home/me/dep', rev: 'x' }, 'first'],
  ['behind-ssh', { type: 'git', url: 'ssh://git@forge.example.org/me/dep', rev: 'x' }, 'first'],
  ['as-scp', { type: 'git', url: 'git@forge.example.org:me/dep', rev: 'x' }, 'first'],
  ['public-git', { type: 'git', url: 'https://forge.example.org/me/dep', rev: 'x' }, 'if-fetching-fails'],
  ['forge', { type: 'github', owner: 'me', repo: 'dep', rev: 'x' }, 'if-fetching-fails'],
  ['tarball', { type: 'tarball', url: 'https://example.org/dep.tar.gz' }, 'if-fetching-fails'],
  ['tarball-here', { type: 'tarball', url: 'file:///home/me/dep.tar.gz' }, 'first'],
  ['nixpkgs', { type: 'github', owner: 'NixOS', repo: 'nixpkgs', rev: 'x' }, 'never'],
  ['channel', { type: 'tarball', url: 'https://releases.nixos.org/nixos/x/nixexprs.tar.xz' }, 'never'],
  ['own-nixpkgs', { type: 'git', url: 'ssh://git@forge.example.org/me/nixpkgs', rev: 'x' }, 'first'],
];

const lock = {
  root: 'root',
  version: 7,
  nodes: {
    root: { inputs: Object.fromEntries(sources.map(([name]) => [name, name])) },
    ...Object.fromEntries(sources.map(([name, locked], index) => [name, { locked: pin(index, locked) }])),
  },
};

test('private inputs are copied first, public ones if fetching fails, nixpkgs not, and parts of the flake need nothing', () => {
  const found = lockedInputs(lock, 'auto').map(({ name, copied }) => [name, copied]);
  assert.deepEqual(
    found,
    sources.flatMap(([name, , auto]) => (auto === undefined ? [] : [[name, auto]])),
  );
  for (const policy of ['always', 'never'] as const) {
    const all = new Set(lockedInputs(lock, policy).map(({ copied }) => copied));
    assert.deepEqual([...all], [policy === 'always' ? 'first' : 'never']);
  }
});

test('inputs of inputs are found, each source once, and what follows another is that other', () => {
  const shared = { locked: pin(0, { type: 'path', path: '/shared' }) };
  const nodes = {
    root: { inputs: { a: 'a', b: 'b', c: ['a', 'deep'] } },
    a: { locked: pin(1, { type: 'path', path: '/a' }), inputs: { deep: 'deep', loop: 'a' } },
    b: { locked: pin(2, { type: 'path', path: '/b' }), inputs: { deep: 'deep_2' } },
    deep: shared,
    deep_2: shared,
    unreachable: { locked: pin(3, { type: 'path', path: '/x' }) },
  };
  const names = lockedInputs({ root: 'root', nodes }, 'auto').map(({ name }) => name);
  assert.deepEqual(names, ['a', 'a/deep', 'b']);
});

test('what is no lock file has no inputs', () => {
  for (const locks of [undefined, {}, { root: 'root' }, { root: 'root', nodes: [] }, { root: 1, nodes: {} }, []]) {
    assert.deepEqual(lockedInputs(locks, 'auto'), []);
  }
});
