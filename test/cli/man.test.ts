import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, textOf } from '../repository/files.ts';
import { manPage } from './man-page.ts';

const file = 'docs/flurry.1';

test('the man page says what help says (UPDATE_FIXTURES=1 writes it)', () => {
  const made = manPage(JSON.parse(textOf('package.json')).version);
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(join(root, file), made);
  assert.equal(textOf(file), made);
});

test('npm installs the man page', () => {
  const { man, files } = JSON.parse(textOf('package.json'));
  assert.deepEqual([man, files.includes(file)], [[`./${file}`], true]);
});
