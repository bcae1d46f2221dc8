import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onWake } from '../../src/deploy/wake.ts';

test('a sleep is told once, at the first look behind it; time that goes by as it should is none', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  let woken = 0;
  const stop = onWake(
    () => {
      woken += 1;
    },
    () => now,
  );
  const look = (laterMs: number): number => {
    now += laterMs;
    context.mock.timers.tick(1000);
    return woken;
  };
  assert.deepEqual([look(1000), look(9000), look(1000)], [0, 0, 0]);
  assert.deepEqual([look(600_000), look(1000)], [1, 1]);
  // A clock that is set back is no sleep.
  assert.deepEqual([look(-600_000), look(1000)], [1, 1]);
  stop();
  assert.equal(look(600_000), 1);
});
