import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { TerminalRun } from '../deploy/drawn-on-terminal.ts';
import { matchesFixture } from '../report/fixture.ts';
import { timeless, withStandIns } from './stand-ins.ts';

/** Where the screens are kept. */
export const screensUrl = new URL('../../docs/first-mistakes/', import.meta.url);

/**
 * Compares what is on the terminal after a mistake, with all that scrolled away, with docs/first-mistakes/NAME.txt. `asked`: what
 * stood there before, while a question was open. A file that says the same already is left as it is, whatever the times, and so the line breaks, were.
 */
export function isKept(name: string, line: string, { everything, code, cursor }: TerminalRun, asked = ''): void {
  assert.equal(cursor, 'shown');
  const screen = withStandIns(`$ ${line}\n${asked}${everything}\n\n(exit code ${code})\n`);
  const url = new URL(`${name}.txt`, screensUrl);
  if (existsSync(url) && timeless(readFileSync(url, 'utf8')) === timeless(screen)) return;
  matchesFixture(screen, url);
}

/** The commands that a screen tells to paste, in their order; the last is the one that does the same again. */
export function commandsOn({ everything }: Pick<TerminalRun, 'everything'>): readonly string[] {
  const told = everything.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? []);
  const last = everything.split('\n').at(-1) ?? '';
  return last.startsWith('flurry ') ? [...told, last] : told;
}
