import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../src/config/duration.ts';

const good = [
  ['500ms', 500],
  ['0s', 0],
  ['15s', 15_000],
  ['120s', 120_000],
  ['10m', 600_000],
  ['3h', 10_800_000],
  ['1h30m', 5_400_000],
  ['1m5s', 65_000],
  ['1s500ms', 1500],
  ['1h1m1s1ms', 3_661_001],
  ['576h', 2_073_600_000],
] as const;

for (const [text, durationMs] of good) {
  test(`${text} is ${durationMs} ms`, () => {
    assert.equal(parseDuration(text), durationMs);
  });
}

const bad = [
  '',
  ' ',
  's',
  '1',
  '-1s',
  '+1s',
  '1.5h',
  '1,5h',
  '15 s',
  '15S',
  '15sec',
  '30m1h',
  '1s1s',
  '1d',
  '1s\n',
  'ms',
  '١s',
];

for (const text of bad) {
  test(`${JSON.stringify(text)} is no duration`, () => {
    const read = parseDuration(text);
    assert.ok(typeof read === 'object', 'a problem');
    assert.equal(read.expected, 'a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m');
    assert.equal(read.found, text);
  });
}

test('a bare number is refused with the spelling that was probably meant', () => {
  const read = parseDuration('60');
  assert.equal(typeof read === 'object' ? read.next : undefined, 'did you mean 60s?');
});

test('a limit that a timer of Node would cut to nothing is refused', () => {
  assert.deepEqual(parseDuration('577h'), { expected: 'at most 576h, which is 24 days', found: '577h' });
});
