import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pace, Tried } from '../../src/core/check.ts';
import { type Clock, runCheck } from '../../src/deploy/check-loop.ts';

const pace: Pace = { startDelayMs: 0, periodMs: 2000, tryTimeoutMs: 5000, timeoutMs: 60_000 };
const passed: Tried = { outcome: 'passed', seen: 'http 200' };
const failed: Tried = { outcome: 'failed', seen: 'http 503' };
const notYet: Tried = { outcome: 'not-yet', seen: 'active for 3 s of 5 s' };

/** A clock that goes on only when all that runs has come to wait for it. */
function fakeClock(): Clock & { readonly run: <T>(work: Promise<T>) => Promise<T> } {
  let now = 0;
  const waits = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const wait = {
          at: now + ms,
          wake: () => {
            signal.removeEventListener('abort', wait.wake);
            waits.delete(wait);
            resolve();
          },
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wait.wake, { once: true });
        waits.add(wait);
      }),
    async run(work) {
      let isDone = false;
      const done = work.finally(() => (isDone = true));
      while (!isDone) {
        // All promises that can settle do so before the next turn of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = [...waits].sort((one, other) => one.at - other.at);
        if (isDone || next === undefined) continue;
        now = next.at;
        next.wake();
      }
      return await done;
    },
  };
}

/** Runs a check whose tries take and bring so much, one after the other, the last again and again. */
async function ran(own: Partial<Pace>, tries: readonly (readonly [ms: number, tried: Tried])[], stopAfter?: number) {
  const clock = fakeClock();
  const stop = new AbortController();
  const begun: string[] = [];
  const told: string[] = [];
  const end = await clock.run(
    runCheck(
      { ...pace, ...own },
      {
        clock,
        signal: stop.signal,
        onTry: ({ seen }, { tries: number }) => told.push(`${number} ${seen}`),
        async tryOnce(limitMs, signal) {
          begun.push(`${clock.now()} within ${limitMs}`);
          const [ms, tried] = tries[Math.min(begun.length, tries.length) - 1] ?? [0, failed];
          if (begun.length === stopAfter) stop.abort();
          await clock.pause(ms, signal);
          signal.throwIfAborted();
          return tried;
        },
      },
    ),
  );
  return { end, begun, told };
}

test('a check that passes at once is tried once', async () => {
  const { end, begun, told } = await ran({}, [[300, passed]]);
  assert.deepEqual(end, { state: 'passed', seen: 'http 200', tries: 1, milliseconds: 300 });
  assert.deepEqual([begun, told], [['0 within 5000'], []]);
});

test('one that fails is tried again after the period, counted from the end of the try, and passes late', async () => {
  const { end, begun, told } = await ran({}, [
    [100, failed],
    [100, failed],
    [100, passed],
  ]);
  assert.deepEqual(end, { state: 'passed', seen: 'http 200', tries: 3, milliseconds: 4300 });
  assert.deepEqual(begun, ['0 within 5000', '2100 within 5000', '4200 within 5000']);
  assert.deepEqual(told, ['1 http 503', '2 http 503']);
});

test('the start delay comes before the first try', async () => {
  const { begun } = await ran({ startDelayMs: 10_000 }, [[0, passed]]);
  assert.deepEqual(begun, ['10000 within 5000']);
});

test('without retries it is tried until its time is over; a try is given no more than what is left', async () => {
  const { end, begun } = await ran({ timeoutMs: 7000 }, [[1000, failed]]);
  assert.deepEqual(end, { state: 'failed', seen: 'http 503', tries: 2, milliseconds: 7000 });
  assert.deepEqual(begun, ['0 within 5000', '3000 within 4000', '6000 within 1000']);
});

test('a try that never ends is not waited for behind the time', async () => {
  const { end } = await ran({ timeoutMs: 7000 }, [
    [0, failed],
    [1_000_000, passed],
  ]);
  assert.deepEqual(end, { state: 'failed', seen: 'http 503', tries: 1, milliseconds: 7000 });
});

test('a time that is over before the first try has ended has seen nothing', async () => {
  const { end } = await ran({}, [[1_000_000, passed]]);
  assert.deepEqual(end, { state: 'failed', seen: '', tries: 0, milliseconds: 60_000 });
});

test('retries: it is given up with the last try that may fail; what is on its way does not count', async () => {
  const { end, told } = await ran({ retries: 2 }, [
    [0, failed],
    [0, notYet],
    [0, notYet],
    [0, failed],
    [0, passed],
  ]);
  assert.deepEqual(end, { state: 'failed', seen: 'http 503', tries: 4, milliseconds: 6000 });
  assert.equal(told.length, 3, 'the last one is told as the end');
});

test('one that is stopped ends at once, and is neither', async () => {
  const { end, begun } = await ran(
    {},
    [
      [0, failed],
      [1000, passed],
    ],
    2,
  );
  assert.deepEqual(end, { state: 'stopped', seen: 'http 503', tries: 1, milliseconds: 2000 });
  assert.equal(begun.length, 2);
});
