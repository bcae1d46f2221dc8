import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeepWaiting, keepWaiting } from '../../src/deploy/keep-waiting.ts';
import type { Decision } from '../../src/host/transaction.ts';

const never = new AbortController().signal;

/** Keeps a host waiting that answers so, one after the other, the last one again and again. */
function kept(answers: readonly (Decision | 'silence')[], options: Partial<KeepWaiting> = {}) {
  const heard = { said: 0, failures: 0, ends: [] as Decision[] };
  const control = keepWaiting({
    async say(word) {
      assert.deepEqual(word, { extendMs: 60_000 });
      const answer = answers[Math.min(heard.said, answers.length - 1)] ?? 'undecided';
      heard.said += 1;
      if (answer === 'silence') throw new Error('no answer');
      return answer;
    },
    extendMs: 60_000,
    leftMs: 60_000,
    until: never,
    onFailure: () => {
      heard.failures += 1;
      return 1000;
    },
    onEnd: (decided) => heard.ends.push(decided),
    ...options,
  });
  return { heard, control };
}

test('the deadline is moved again and again, three times within the time that it is moved by', async () => {
  let said = 0;
  await new Promise<void>((thrice) => {
    const { control } = kept([], {
      extendMs: 30,
      async say(word) {
        assert.deepEqual(word, { extendMs: 30 });
        said += 1;
        if (said === 3) {
          control.stop();
          thrice();
        }
        return 'undecided';
      },
    });
  });
  assert.equal(said, 3);
});

test('a renewal that is asked for is a new one, and is waited for', async () => {
  const { heard, control } = kept(['undecided']);
  await control.renew();
  const before = heard.said;
  await control.renew();
  assert.equal(heard.said, before + 1);
  control.stop();
  await control.renew();
  assert.equal(heard.said, before + 1, 'nothing to wait for any more');
});

test('what fails is tried again, and a renewal that is asked for waits for it', async () => {
  const { heard, control } = kept(['silence', 'silence', 'undecided'], { onFailure: () => 1 });
  await control.renew();
  assert.equal(heard.said >= 3, true);
  assert.deepEqual(heard.ends, []);
  control.stop();
});

test('a host that was decided otherwise is let be, and that is told once', async () => {
  const { heard, control } = kept(['undecided', 'aborted']);
  await control.renew();
  await control.renew();
  assert.deepEqual(heard.ends, ['aborted']);
  assert.equal(control.decided, 'aborted');
});

test('a host that grants nothing before its deadline is given up', async () => {
  const end = await new Promise<Decision>((resolve) => {
    kept(['silence'], { leftMs: -999, onFailure: () => 5, onEnd: resolve });
  });
  assert.equal(end, 'undecided');
});

test('once there is nothing to wait for, nobody waits', async () => {
  const until = new AbortController();
  const { heard, control } = kept(['silence'], { until: until.signal, onFailure: () => 60_000 });
  const renewed = control.renew();
  until.abort();
  await renewed;
  assert.deepEqual(heard.ends, []);
});
