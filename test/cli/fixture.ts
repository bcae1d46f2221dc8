import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Compares a text with the file a reviewer reads; UPDATE_FIXTURES=1 writes the file instead. */
export function assertFixture(name: string, actual: string): void {
  const file = new URL(`./fixtures/${name}`, import.meta.url);
  if (process.env['UPDATE_FIXTURES'] === '1') {
    mkdirSync(new URL('./fixtures/', import.meta.url), { recursive: true });
    writeFileSync(file, actual);
  }
  assert.equal(actual, readFileSync(file, 'utf8'));
}
