import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoginRefused, isRefusal, pauseAfterRefusal } from '../../src/deploy/refusal.ts';

test('a host that refuses the login is let be until it can have put itself back, and then longer each time', () => {
  const seconds = (soonestBackMs: number): readonly number[] =>
    [1, 2, 3, 4, 5].map((refusals) => (pauseAfterRefusal(refusals, soonestBackMs) ?? 0) / 1000);
  assert.deepEqual(seconds(0), [20, 40, 80, 160, 160]);
  assert.deepEqual(seconds(60_000), [65, 65, 80, 160, 160]);
});

test('where it does not change by itself there is no other try', () => {
  assert.equal(pauseAfterRefusal(1, undefined), undefined);
});

test('a host key that is not to be trusted is a refusal, and no failed login', () => {
  assert.deepEqual([isRefusal('host-key-changed'), isLoginRefused('host-key-changed')], [true, false]);
  assert.deepEqual([isRefusal('key-unusable'), isLoginRefused('key-unusable')], [true, true]);
  assert.deepEqual([isRefusal('connection-refused'), isLoginRefused('connection-refused')], [false, false]);
});
