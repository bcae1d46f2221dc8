import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/ssh/turns.ts';

test('one is let in for each turn of the event loop, in the order in which they came', async () => {
  const turns = new Turns();
  let turn = 0;
  const count = (): void => {
    turn += 1;
    counter = setImmediate(count);
  };
  let counter = setImmediate(count);
  const seen: string[] = [];
  const at: number[] = [];
  const enter = async (name: string): Promise<void> => {
    await turns.next();
    seen.push(name);
    at.push(turn);
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(enter));
  clearImmediate(counter);
  assert.deepEqual(seen, ['a', 'b', 'c', 'd']);
  assert.equal(new Set(at).size, 4);
});

test('while turns take long nobody is let in, but for every tenth', async () => {
  const turns = new Turns();
  let busy = 0;
  const work = (): void => {
    busy += 1;
    const until = performance.now() + 25;
    while (performance.now() < until);
    worker = setImmediate(work);
  };
  let worker = setImmediate(work);
  const first = turns.next();
  const second = turns.next();
  await first;
  const afterFirst = busy;
  await second;
  clearImmediate(worker);
  // The first turn has only begun when it is asked for.
  assert.ok(afterFirst >= 9 && afterFirst <= 10, `${afterFirst} turns`);
  assert.ok(busy - afterFirst >= 9 && busy - afterFirst <= 10, `${busy - afterFirst} turns`);
});
