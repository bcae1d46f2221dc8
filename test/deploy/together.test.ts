import assert from 'node:assert/strict';
import { test } from 'node:test';
import { togetherOf } from '../../src/deploy/together.ts';

const never = new AbortController().signal;

/** Gives what promises have come to by now; `open` of one that has not settled. */
async function now<T>(...promises: readonly Promise<T>[]): Promise<readonly (T | 'open')[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return await Promise.all(promises.map((each) => Promise.race([each, Promise.resolve('open' as const)])));
}

test('nobody passes a step before all hosts have come to it', async () => {
  const together = togetherOf(['a', 'b', 'c'], never);
  const [a, b] = [together.arrive('a', 'gated'), together.arrive('b', 'gated')];
  assert.deepEqual(await now(a, b), ['open', 'open']);
  const c = together.arrive('c', 'gated');
  assert.deepEqual(await now(a, b, c), ['all', 'all', 'all']);
  assert.deepEqual(await now(together.arrive('a', 'waiting')), ['open']);
});

test('a host that has nothing to change is not waited for', async () => {
  const together = togetherOf(['a', 'b'], never);
  const a = together.arrive('a', 'gated');
  together.withdraw('b');
  assert.deepEqual(await now(a), ['all']);
});

test('one failure counts for all, once, and for whoever comes later', async () => {
  const together = togetherOf(['a', 'b', 'c'], never);
  const a = together.arrive('a', 'gated');
  together.fail({ kind: 'host', host: 'b' });
  together.fail({ kind: 'host', host: 'c' });
  assert.deepEqual(await now(a, together.arrive('c', 'gated')), ['failed', 'failed']);
  assert.deepEqual(together.failure, { kind: 'host', host: 'b' });
  assert.equal(together.failed.aborted, true);
});

test('a failure behind a step fails it for those who have passed it only at their next', async () => {
  const together = togetherOf(['a', 'b'], never);
  const gated = [together.arrive('a', 'gated'), together.arrive('b', 'gated')];
  assert.deepEqual(await now(...gated), ['all', 'all']);
  together.fail({ kind: 'host', host: 'a' });
  assert.deepEqual(await now(together.arrive('b', 'waiting')), ['failed']);
});

test('the wish that the run ends is a failure, before as well as behind its begin', async () => {
  const interruption = new AbortController();
  const together = togetherOf(['a', 'b'], interruption.signal);
  const a = together.arrive('a', 'waiting');
  interruption.abort('SIGINT');
  assert.deepEqual(await now(a), ['failed']);
  assert.deepEqual(together.failure, { kind: 'interrupted' });
  assert.deepEqual(togetherOf(['a'], interruption.signal).failure, { kind: 'interrupted' });
});

test('once all have been renewed nothing can be taken back: all are confirmed', async () => {
  const interruption = new AbortController();
  const together = togetherOf(['a', 'b'], interruption.signal);
  const a = together.arrive('a', 'renewed');
  assert.equal(together.committed, false);
  const b = together.arrive('b', 'renewed');
  assert.equal(together.committed, true);
  interruption.abort('SIGINT');
  together.fail({ kind: 'host', host: 'a' });
  assert.deepEqual(await now(a, b), ['all', 'all']);
  assert.equal(together.failure, undefined);
  assert.equal(together.failed.aborted, false);
});

test('one question is put for all; a no is a failure', async () => {
  const together = togetherOf(['a', 'b'], never);
  const asked: string[] = [];
  const question = async (hosts: string) => {
    asked.push(hosts);
    return false;
  };
  assert.deepEqual(await Promise.all([together.ask(question), together.ask(question)]), [false, false]);
  assert.deepEqual(asked, ['each of a, b']);
  assert.deepEqual(together.failure, { kind: 'refused' });
});

test('where some of those that were to be confirmed kept the new system and others did not, each learns who', async () => {
  const together = togetherOf(['a', 'b', 'c', 'same'], never);
  together.withdraw('same');
  await Promise.all(['a', 'b', 'c'].map((host) => together.arrive(host, 'renewed')));
  const [a, b] = [together.ended('a', 'promoted'), together.ended('b', 'rolled-back')];
  assert.deepEqual(await now(a, b), ['open', 'open'], 'how the third ends is not known yet');
  const c = together.ended('c', 'promoted');
  const split = { kept: ['a', 'c'], lost: ['b'] };
  assert.deepEqual(await now(a, b, c), [split, split, split]);
});

test('a host that somebody else confirmed alone learns how the others have ended', async () => {
  const together = togetherOf(['a', 'b'], never);
  const a = together.ended('a', 'promoted');
  assert.deepEqual(await now(a), ['open']);
  together.fail({ kind: 'host', host: 'b' });
  assert.deepEqual(await now(a, together.ended('b', 'rolled-back')), [{ kept: ['a'], lost: ['b'] }, undefined]);
});

test('hosts that stand together are told nothing, and nobody waits for another before all were to be confirmed', async () => {
  const together = togetherOf(['a', 'b'], never);
  assert.deepEqual(await now(together.ended('a', 'rolled-back')), [undefined]);
  const confirmed = togetherOf(['a', 'b'], never);
  await Promise.all(['a', 'b'].map((host) => confirmed.arrive(host, 'renewed')));
  const ends = ['a', 'b'].map((host) => confirmed.ended(host, 'promoted'));
  assert.deepEqual(await now(...ends), [undefined, undefined]);
});
