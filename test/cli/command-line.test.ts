import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';

const cases: readonly (readonly [readonly string[], string, string, readonly string[]])[] = [
  // argv, verb, typed or not, destinations
  [[], 'deploy', 'left-out', []],
  [['web1'], 'deploy', 'left-out', ['web1']],
  [['web1', 'web2'], 'deploy', 'left-out', ['web1', 'web2']],
  [['deploy', 'web1'], 'deploy', 'typed', ['web1']],
  [['check', 'web1'], 'check', 'typed', ['web1']],
  [['confirm', 'web1', 'web2'], 'confirm', 'typed', ['web1', 'web2']],
  [['-v', 'abort', 'web1'], 'abort', 'typed', ['web1']],
  [['--confirm', 'ask', 'web1'], 'deploy', 'left-out', ['web1']],
  [['-p', '3', 'check', 'web1'], 'check', 'typed', ['web1']],
  [['-f', 'check', 'web1'], 'deploy', 'left-out', ['web1']],
  [['--option', 'a', 'check', 'web1'], 'deploy', 'left-out', ['web1']],
  [['web1', 'check'], 'deploy', 'left-out', ['web1', 'check']],
  [['deploy', 'deploy'], 'deploy', 'typed', ['deploy']],
  [['web1', '--', 'check'], 'deploy', 'left-out', ['web1']],
  [['-vq', 'web1'], 'deploy', 'left-out', ['web1']],
  [['--impure', 'web1'], 'deploy', 'left-out', ['web1']],
  [['-'], 'deploy', 'left-out', ['-']],
];

for (const [argv, verb, verbWas, destinations] of cases) {
  test(`flurry ${argv.join(' ')}: ${verb} (${verbWas}) of [${destinations.join(', ')}]`, () => {
    const line = readCommandLine(argv);
    assert.deepEqual([line.verb, line.verbWas, line.destinations, line.problems], [verb, verbWas, destinations, []]);
  });
}

test('what stands after -- is for Nix, untouched', () => {
  assert.deepEqual(readCommandLine(['web1', '--', '--goal', '-x', '--', 'a b']).nixArguments, [
    '--goal',
    '-x',
    '--',
    'a b',
  ]);
});

test('a flag without its value does not swallow the next flag', () => {
  const { flags } = readCommandLine(['web1', '--goal', '--impure', '-f']);
  assert.deepEqual(
    [...flags],
    [
      ['goal', true],
      ['impure', true],
      ['flake', true],
    ],
  );
});

test('an option of another verb is refused, and says whose it is', () => {
  assert.deepEqual(readCommandLine(['check', 'web1', '--goal', 'test']).problems, [
    {
      code: 'bad-argument',
      argument: 'each option',
      expected: 'one that flurry check knows',
      found: '--goal',
      next: '--goal belongs to flurry deploy, plan, rollback',
    },
  ]);
});

test('help is asked for wherever it stands, whatever else is wrong', () => {
  assert.equal(readCommandLine(['check', '--gaol', 'x', '-h']).question, 'help');
  assert.equal(readCommandLine(['--version']).question, 'version');
  assert.equal(readCommandLine(['web1', '--', '--help']).question, undefined);
});
