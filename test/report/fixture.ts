import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Compares a text with a file that a reviewer can read; UPDATE_FIXTURES=1 writes the file instead. */
export function matchesFixture(text: string, url: URL): void {
  // Control codes are made visible, so that a fixture stays a text file.
  const visible = text.replaceAll('\u001b', '␛');
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(url, visible);
  assert.ok(existsSync(url), `${url.pathname} is missing; UPDATE_FIXTURES=1 writes it`);
  assert.equal(visible, readFileSync(url, 'utf8'));
}
