import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpText } from '../../src/cli/help.ts';
import { main } from '../../src/cli/main.ts';
import { verbs } from '../../src/config/option.ts';
import { optionsTable } from '../../src/config/options-table.ts';
import { capturedWorld } from './captured-world.ts';
import { assertFixture } from './fixture.ts';

const questions = [
  [['--help'], 'help.txt'],
  [['-h'], 'help.txt'],
  [['web1', '--help'], 'help.txt'],
  [['deploy', '--help'], 'help-deploy.txt'],
  [['deploy', 'web1', '-h'], 'help-deploy.txt'],
  [['check', '--help'], 'help-check.txt'],
  [['status', '--help'], 'help-status.txt'],
  [['history', '--help'], 'help-history.txt'],
  [['attach', '--help'], 'help-attach.txt'],
  [['rollback', '--help'], 'help-rollback.txt'],
  [['confirm', '--help'], 'help-confirm.txt'],
  [['abort', 'web1', '--help'], 'help-abort.txt'],
  [['list', '--help'], 'help-list.txt'],
  [['config', '--help'], 'help-config.txt'],
  [['--help', 'privilege'], 'help-privilege.txt'],
] as const;

for (const [argv, fixture] of questions) {
  test(`flurry ${argv.join(' ')} teaches as ${fixture} says, on stdout, exit 0`, async () => {
    const { world, stdout, stderr } = capturedWorld();
    const exitCode = await main(argv, world);
    assertFixture(fixture, stdout());
    assert.deepEqual([exitCode, stderr()], [0, '']);
  });
}

for (const columns of [80, 100]) {
  test(`help fits a terminal of ${columns} columns`, () => {
    const lines = [undefined, ...verbs].flatMap((verb) => helpText(verb, columns).split('\n'));
    assert.deepEqual(
      lines.filter((line) => line.length > columns),
      [],
    );
    assert.ok(lines.some((line) => line.length > columns - 5));
  });
}

test('help is as wide as its terminal, and reads well on a very wide one', async () => {
  for (const [columns, widest] of [
    [90, 90],
    [300, 100],
  ] as const) {
    const { world, stdout } = capturedWorld();
    await main(['--help'], { ...world, stdout: Object.assign(world.stdout, { isTTY: true, columns }) });
    assert.equal(stdout(), helpText(undefined, widest));
  }
});

test('the rules for root fit a terminal of 120 columns', () => {
  assert.deepEqual(
    helpText('privilege')
      .split('\n')
      .filter((line) => line.length > 120),
    [],
  );
});

test('help names at most twelve verbs', () => {
  assert.ok(verbs.length <= 12);
});

test('the table of options for the README is the table of options', () => {
  assertFixture('options-table.md', optionsTable());
});
