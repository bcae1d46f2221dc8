import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { copiedWords } from '../../src/report/copied.ts';

const copying = { version: 1, at: '2026-11-24T12:00:00.000Z', event: 'copying', host: 'web1', phase: 'copy' } as const;

test('a copy is told in megabytes and paths, and nothing is made up where no total is known', () => {
  const told = copiedWords({ ...copying, sentBytes: 12_345_678, totalBytes: 45_600_000, paths: 3, totalPaths: 9 });
  assert.equal(told, '12.3 / 45.6 MB, 3 of 9 paths');
  const known = { ...copying, sentBytes: 12_345_678, totalBytes: null, totalPaths: null };
  assert.equal(copiedWords({ ...known, paths: 0 }), '12.3 MB');
  assert.equal(copiedWords({ ...known, paths: 1 }), '12.3 MB, 1 path');
});
