import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, figure, median, table } from './figures.ts';
import { bytesOfPhases } from './phases.ts';

test('the median is the middle one, or the mean of the two in the middle; of nothing it is no number', () => {
  assert.deepEqual([median([3, 1, 20]), median([4, 1, 20, 2]), median([7])], [3, 3, 7]);
  assert.equal(figure(median([])), '-');
});

test('a table has its first column at the left, and figures under each other', () => {
  const text = table(
    ['', 'seconds', 'ratio'],
    [
      ['flurry', figure(0.5), figure(1)],
      ['script', figure(12.345), figure(undefined)],
    ],
  );
  assert.equal(text, '        seconds  ratio\nflurry     0.50   1.00\nscript    12.35      -');
});

test('bytes are told in their unit', () => {
  assert.deepEqual([bytes(999), bytes(1500), bytes(200_000_000)], ['999 B', '1.5 kB', '200.0 MB']);
});

test('what passed on the line belongs to the phase that was under way then', () => {
  const phases = [
    { phase: 'connect', from: 100, to: 200 },
    { phase: 'observe', from: 200, to: 300 },
  ];
  const chunks = [
    { at: 150, way: 'up', bytes: 10 },
    { at: 199, way: 'down', bytes: 20 },
    { at: 200, way: 'up', bytes: 3 },
    { at: 301, way: 'up', bytes: 1000 },
  ] as const;
  assert.deepEqual(bytesOfPhases(phases, chunks), [
    { phase: 'connect', up: 10, down: 20 },
    { phase: 'observe', up: 3, down: 0 },
  ]);
});
