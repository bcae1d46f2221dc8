import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { linesOf } from '../../src/ssh/lines-of.ts';

async function lines(...chunks: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  linesOf(stream, (line) => found.push(line));
  await finished(stream);
  return found;
}

test('lines come whole however the bytes are cut, the last one without its end too', async () => {
  assert.deepEqual(await lines('one\r', '\ntw', 'o\n\nthree'), ['one', 'two', '', 'three']);
});

test('of a line without end only the beginning is kept', async () => {
  const long = 'x'.repeat(10_000);
  const cut = 'x'.repeat(4096);
  assert.deepEqual(await lines(`${long}\nnext\n`, long, long, '\nlast\n'), [cut, 'next', cut, 'last']);
});
