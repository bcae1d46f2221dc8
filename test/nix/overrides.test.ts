import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { OverriddenInput } from '../../src/core/release.ts';
import { pinOverride } from '../../src/nix/overrides.ts';
import { git, inventory, nix, problemFrom, repository, root, soon, tree, withoutNix } from './flake-trees.ts';

const pin = (input: string, reference: string): Promise<OverriddenInput> =>
  pinOverride({ input, reference, nixArguments: [], signal: soon() });

describe('an overridden input', { skip: withoutNix }, () => {
  test('that is a flake is pinned by revision, time and subdirectory', async () => {
    const folder = repository('dep', {
      'flake.nix': '{ outputs = _: { }; }',
      'below/flake.nix': '{ outputs = _: { }; }',
    });
    const { storePath, narHash, ...rest } = await pin('dep', join(folder, 'below'));
    assert.deepEqual(rest, {
      input: 'dep',
      lastModified: 1795305600,
      rev: git(folder, 'rev-parse', 'HEAD'),
      subdirectory: 'below',
    });
    assert.equal(narHash, nix('hash', 'path', storePath).trim());
  });

  test('that is no flake is pinned by its content, as folder and as repository', async () => {
    const plain = tree('plain', { 'data.txt': 'x' });
    const tracked = repository('tracked', { 'data.txt': 'x' });
    for (const reference of [plain, `path:${plain}`, tracked, `git+file://${tracked}`]) {
      const before = inventory(tracked);
      const found = await pin('secrets', reference);
      assert.equal(found.narHash, nix('hash', 'path', plain).trim(), reference);
      assert.equal(found.narHash, nix('hash', 'path', found.storePath).trim());
      assert.deepEqual(inventory(tracked), before);
    }
  });

  test('that is a plain folder of a flake is that folder alone', async () => {
    const folder = repository('flake', { 'flake.nix': '{ outputs = _: { }; }', 'secrets/data.txt': 'x' });
    const found = await pin('secrets', join(folder, 'secrets'));
    assert.equal(found.narHash, nix('hash', 'path', join(folder, 'secrets')).trim());
    assert.equal(found.subdirectory, undefined);
  });

  test('that does not exist is told', async () => {
    const problem = await problemFrom(pin('dep', `path:${root}/none`));
    assert.ok(problem.code === 'flake-failed' && problem.reference === `path:${root}/none`);
    assert.match(problem.said, /No such file or directory|does not exist/);
  });

  for (const [input, reference] of [
    ['--impure', '/x'],
    ['a b', '/x'],
    ['', '/x'],
    ['dep', '--impure'],
    ['dep', ''],
  ] as const) {
    test(`${JSON.stringify(input)} to ${JSON.stringify(reference)} is refused before Nix sees it`, async () => {
      const problem = await problemFrom(pin(input, reference));
      assert.ok(problem.code === 'bad-argument' && problem.argument === '--override-input');
    });
  }
});
