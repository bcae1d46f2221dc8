import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { screensUrl } from './screen.ts';

const screens = readdirSync(screensUrl).filter((name) => name.endsWith('.txt'));

test('docs/first-mistakes/README.md leads to each of the ten screens, and to nothing else', () => {
  const page = readFileSync(new URL('README.md', screensUrl), 'utf8');
  const linked = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  assert.deepEqual([...linked].sort(), [...screens].sort());
  assert.equal(screens.length, 10);
});

test('each screen begins with what was typed and ends with the exit code, and only commands to paste are wider than the terminal', () => {
  for (const name of screens) {
    const text = readFileSync(new URL(name, screensUrl), 'utf8');
    assert.match(text, /^\$ flurry [^\n]+\n[\s\S]*\n\n\(exit code [123]\)\n$/, name);
    const wide = text.split('\n').filter((line) => [...line].length > 80);
    assert.deepEqual(wide, [], name);
  }
});
