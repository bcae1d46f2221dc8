import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationKey } from '../../src/nix/evaluation-key.ts';

const snapshot = {
  reference: '.',
  storePath: '/nix/store/aaaa-source',
  narHash: 'sha256-x',
  lastModified: 1_764_000_000,
  rev: 'a'.repeat(40),
  dirtyFiles: 0,
};
const release = {
  kind: 'flake',
  snapshot,
  overrides: [],
  nixArguments: [],
  inputs: [],
  configurations: ['web1'],
} as const;
const key = evaluationKey(release, 'web1', '2.26.3');

test('the same evaluation has the same key, however the flake was called', () => {
  assert.match(key ?? '', /^[0-9a-f]{64}$/);
  assert.equal(
    evaluationKey({ ...release, snapshot: { ...snapshot, reference: 'github:a/b', branch: 'main' } }, 'web1', '2.26.3'),
    key,
  );
});

test('how it is built makes no other key', () => {
  const nixArguments = ['--show-trace', '--option', 'cores', '2'];
  assert.equal(evaluationKey({ ...release, nixArguments }, 'web1', '2.26.3'), key);
});

const others = {
  'another source': [{ ...release, snapshot: { ...snapshot, storePath: '/nix/store/bbbb-source' } }, 'web1', '2.26.3'],
  'another hash': [{ ...release, snapshot: { ...snapshot, narHash: 'sha256-y' } }, 'web1', '2.26.3'],
  'another time': [{ ...release, snapshot: { ...snapshot, lastModified: 1 } }, 'web1', '2.26.3'],
  'another revision': [{ ...release, snapshot: { ...snapshot, rev: 'b'.repeat(40) } }, 'web1', '2.26.3'],
  'another folder of it': [{ ...release, snapshot: { ...snapshot, subdirectory: 'nix' } }, 'web1', '2.26.3'],
  'another configuration': [release, 'web2', '2.26.3'],
  'another Nix': [release, 'web1', '2.31.0'],
} as const;

for (const [what, [of, configuration, nixVersion]] of Object.entries(others)) {
  test(`${what} has another key`, () => {
    const another = evaluationKey(of, configuration, nixVersion);
    assert.match(another ?? '', /^[0-9a-f]{64}$/);
    assert.notEqual(another, key);
  });
}

const override = { input: 'x', storePath: '/nix/store/cccc-source', narHash: 'sha256-z' };
const none = {
  'a dirty tree': { ...release, snapshot: { ...snapshot, dirtyFiles: 1 } },
  'an overridden input': { ...release, overrides: [override] },
  '--impure': { ...release, nixArguments: ['--impure'] },
  '--impure behind an option': { ...release, nixArguments: ['--option', 'cores', '2', '--impure'] },
  'pure-eval': { ...release, nixArguments: ['--option', 'pure-eval', 'false'] },
  'settings of the flake, which may be any': { ...release, nixArguments: ['--accept-flake-config'] },
  'an argument that is not known': { ...release, nixArguments: ['-I', 'x=/y'] },
  'half an option': { ...release, nixArguments: ['--option', 'cores'] },
};

for (const [what, of] of Object.entries(none)) {
  test(`${what} has no key`, () => {
    assert.equal(evaluationKey(of, 'web1', '2.26.3'), undefined);
  });
}
