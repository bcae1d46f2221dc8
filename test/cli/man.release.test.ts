import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { exitCodes } from '../../src/cli/help-words.ts';
import { verbs } from '../../src/config/option.ts';
import { flagOf, variableOf } from '../../src/config/option-names.ts';
import { options } from '../../src/config/options.ts';
import { root } from '../repository/files.ts';
import { skipWithout } from './skip-without.ts';

const file = 'docs/flurry.1';

test('the man page is without a fault by mandoc', { skip: skipWithout('mandoc') }, () => {
  // It has no date, since whatever day it was made says nothing.
  const said = lint('mandoc', ['-Tlint', '-W', 'style', file]).filter((line) => !line.includes('missing date'));
  assert.deepEqual(said, []);
});

test('the man page as it is read has every verb, option, variable law and exit code', {
  skip: skipWithout('mandoc'),
}, () => {
  const shown = execFileSync('mandoc', ['-Tutf8', '-O', 'width=78', file], { cwd: root, encoding: 'utf8' });
  // What stands above itself is bold, what has a line below is underlined.
  const text = shown.replaceAll(/.\u0008/g, '');
  const wanted = [
    ...verbs.map((verb) => `   flurry ${verb}`),
    ...options.map((option) => flagOf(option)),
    ...exitCodes.map(([code]) => `       ${code} `),
    'FLURRY_CONNECT_TIMEOUT=30s',
    '~/.ssh/config',
    "host's own hostname",
  ];
  assert.deepEqual(
    // A sentence may break anywhere.
    wanted.filter((words) => !text.includes(words) && !text.replaceAll(/\s+/g, ' ').includes(words)),
    [],
  );
  assert.deepEqual(
    text.split('\n').filter((line) => line.length > 80),
    [],
  );
  assert.ok(options.some((option) => variableOf(option) === 'FLURRY_CONNECT_TIMEOUT'));
});

function lint(program: string, words: readonly string[]): readonly string[] {
  try {
    return execFileSync(program, words, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout).split('\n').filter(Boolean);
    throw error;
  }
}
