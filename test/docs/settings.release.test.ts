import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from '../../src/cli/tell.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { nix, withoutNix } from '../nix/flake-trees.ts';
import { textOf } from '../repository/files.ts';
import { blocksOf } from './markdown.ts';

const blocks = blocksOf(textOf('docs/settings.md'));
const configurations = ['web1', 'web2', 'db1'];

test('docs/settings.md: flurry reads each output that it shows', { skip: withoutNix }, () => {
  const shown = blocks.filter(({ language }) => language === 'nix');
  assert.equal(shown.length, 2);
  for (const { text } of shown) {
    const self = '{ nixosConfigurations = { web1 = { }; web2 = { }; db1 = { }; }; }';
    const { flurry } = JSON.parse(
      nix(
        'eval',
        '--json',
        '--expr',
        `let shown = ${text}; in if builtins.isFunction shown then shown { self = ${self}; } else shown`,
      ),
    );
    const fleet = readFleet(flurry, configurations);
    assert.deepEqual([fleet.problems, fleet.hosts.length], [[], 3]);
  }
});

test('docs/settings.md: the mistakes are told as it shows', () => {
  const flurry = { hosts: { web1: { targetHost: 'x' }, web2: { limits: { settle: 5 } } } };
  const { problems } = readFleet(flurry, configurations);
  const [shown] = blocks.filter(({ language }) => language === 'text');
  assert.equal(
    shown?.text.trimEnd(),
    problems
      .map((problem) => problemText(problem))
      .join('')
      .trimEnd(),
  );
});
