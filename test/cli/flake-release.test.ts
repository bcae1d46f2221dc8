import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pinRelease } from '../../src/cli/flake-release.ts';
import { hostArguments } from '../../src/nix/host-reference.ts';
import { commit, nix, repository, root, soon, tree, withoutNix } from '../nix/flake-trees.ts';

const locked = tree('locked', { 'data.txt': 'as locked' });
const other = tree('other', { 'data.txt': 'other' });
const elsewhere = tree('elsewhere', { 'data.txt': 'as locked' });
const folder = repository('revealing', {
  'flake.nix': `{
    inputs.extra = { url = "path:${locked}"; flake = false; };
    outputs = { self, extra }: {
      nixosConfigurations.web1.config.system.build.toplevel = "\${self.rev or "dirty"}, \${builtins.readFile "\${extra}/data.txt"}";
    };
  }`,
});
if (withoutNix === false) nix('flake', 'lock', folder);
const rev = commit(folder);

for (const [title, reference, sees] of [
  ['what the lock file has: the tree is clean, and tells its revision', `path:${locked}`, `${rev}, as locked`],
  ['something else: for Nix the tree is dirty then', `path:${other}`, 'dirty, other'],
  ['the same in another place: that is another lock, too', `path:${elsewhere}`, 'dirty, as locked'],
] as const) {
  test(`an input is overridden by ${title}; a host evaluates what plain Nix does`, { skip: withoutNix }, async () => {
    assert.equal(await evaluatedByHost(reference), sees);
    const plain = `${folder}#nixosConfigurations.web1.config.system.build.toplevel`;
    assert.equal(nix('eval', '--raw', '--no-write-lock-file', '--override-input', 'extra', reference, plain), sees);
  });
}

test('an input is overridden by a folder without a flake, by its bare path', { skip: withoutNix }, async () => {
  assert.equal(await evaluatedByHost(join(root, 'other')), 'dirty, other');
});

async function evaluatedByHost(reference: string): Promise<string> {
  const overrides = [{ input: 'extra', reference }];
  const pinned = await pinRelease({ reference: folder, overrides, nixArguments: [], signal: soon() });
  const { installable, arguments: words } = hostArguments({ ...pinned, inputs: [] }, 'web1', '');
  return nix('eval', '--raw', ...words, installable);
}
