import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { consentOf } from '../../src/deploy/consent.ts';

const never = new AbortController().signal;

test('the person is asked once, when it is known of each host, and of those alone that would change', async () => {
  const asked: (readonly string[])[] = [];
  const consent = consentOf(['a', 'b', 'c'], async (hosts) => {
    asked.push(hosts);
    return true;
  });
  const c = consent.given('c', never);
  consent.ended('b');
  assert.deepEqual(asked, []);
  await Promise.all([c, consent.given('a', never)]);
  assert.deepEqual(asked, [['a', 'c']]);
  consent.ended('a');
  consent.ended('c');
  assert.equal(asked.length, 1);
});

test('a no, and a question that cannot be put, is declined for all', async () => {
  for (const answer of [async () => false, async () => Promise.reject(new Error('no terminal'))]) {
    const consent = consentOf(['a', 'b'], answer);
    const both = await Promise.allSettled([consent.given('a', never), consent.given('b', never)]);
    for (const one of both) {
      assert.ok(one.status === 'rejected' && one.reason instanceof FlurryError);
      assert.equal(one.reason.problem.code, 'declined');
    }
  }
});

test('nobody is asked where no host would change', () => {
  const consent = consentOf(['a'], () => assert.fail('asked'));
  consent.ended('a');
});

test('the question is taken back when nobody waits for it any more', async () => {
  const interrupted = new AbortController();
  let taken: AbortSignal | undefined;
  const consent = consentOf(['a'], (_, signal) => {
    taken = signal;
    return new Promise(() => {});
  });
  const waiting = consent.given('a', interrupted.signal);
  interrupted.abort(new Error('SIGINT'));
  await assert.rejects(waiting, /SIGINT/);
  consent.ended('a');
  assert.equal(taken?.aborted, true);
});
