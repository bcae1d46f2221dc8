import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { nixString, nixStrings } from '../../src/nix/nix-string.ts';
import { nix, withoutNix } from './flake-trees.ts';

const hostile = [
  '',
  '"',
  '\\',
  `\${throw "x"}`,
  `$\${x}`,
  `\\\${x}`,
  "''",
  'a\nb\rc\td',
  '" + (throw "x") + "',
  'ü €',
  '$',
  '${',
  '\\"',
];

test('a string in the language of Nix', () => {
  assert.equal(nixString(`a"b\\c\${d}\n`), `"a\\"b\\\\c\\\${d}\\n"`);
  assert.equal(nixStrings(['a', 'b']), '[ "a" "b" ]');
  assert.equal(nixStrings([]), '[ ]');
});

test('hostile strings come back from Nix as they were, never evaluated', { skip: withoutNix }, () => {
  assert.deepEqual(JSON.parse(nix('eval', '--json', '--expr', nixStrings(hostile))), hostile);
  assert.equal(
    execFileSync('nix-instantiate', ['--eval', '--expr', nixString('$')], { encoding: 'utf8', stdio: 'pipe' }),
    '"$"\n',
  );
});
