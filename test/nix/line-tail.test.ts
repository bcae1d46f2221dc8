import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineTail } from '../../src/nix/line-tail.ts';

test('the last lines are kept, and each is heard once, in whatever pieces they come', () => {
  const heard: string[] = [];
  const tail = lineTail(2, (line) => heard.push(line));
  for (const piece of ['on', 'e\ntw', 'o\r\n\n', 'three\rfour']) tail.push(piece);
  tail.end();
  assert.deepEqual(heard, ['one', 'two', 'three', 'four']);
  assert.equal(tail.text(), 'three\nfour');
});

test('colours go, and other control codes are shown', () => {
  const tail = lineTail(2);
  tail.push('\u001b[31merror:\u001b[0m a\u0007b\u001b]0;title\u0007\n');
  assert.equal(tail.text(), 'error: a\\x07b');
});

test('an endless line is cut off and takes no memory', () => {
  const tail = lineTail(2);
  for (let n = 0; n < 1000; n += 1) tail.push('x'.repeat(1000));
  tail.push('\nnext\n');
  assert.equal(tail.text(), `${'x'.repeat(2000)}…\nnext`);
});
