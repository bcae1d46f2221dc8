import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSudoPassword } from '../../src/cli/sudo-password.ts';
import type { ElevatePassword } from '../../src/config/elevate-rules.ts';
import { FlurryError } from '../../src/core/problem.ts';

const directory = await mkdtemp(join(tmpdir(), 'flurry-password-'));
after(() => rm(directory, { recursive: true }));

const never = new AbortController().signal;

/** A person who says this, or nothing. */
const saying = (answer: string | undefined) => ({ secret: async () => answer });

async function read(source: ElevatePassword, answer?: string, signal = never) {
  return await readSudoPassword(source, { person: saying(answer), signal });
}

async function problemOf(source: ElevatePassword, answer?: string) {
  try {
    await read(source, answer);
  } catch (error) {
    if (error instanceof FlurryError && error.problem.code === 'bad-argument') return error.problem;
    throw error;
  }
  throw new Error('it was taken');
}

async function file(text: string): Promise<ElevatePassword> {
  const path = join(directory, 'password');
  await writeFile(path, text);
  return { kind: 'file', path };
}

test('the password is what the person says, the first line of a file, or the first that a command prints', async () => {
  assert.equal(await read({ kind: 'none' }), undefined);
  assert.equal(await read({ kind: 'ask' }, ' kept as typed '), ' kept as typed ');
  assert.equal(await read(await file('from a file\nuser: ada\n')), 'from a file');
  assert.equal(await read(await file('without an end')), 'without an end');
  assert.equal(await read({ kind: 'command', command: "printf 'from %s\\nurl: x\\n' 'a command'" }), 'from a command');
});

test('a command of the user is given to sh as it is', async () => {
  const command = `x='a "b" $(printf c)'; printf '%s\\n' "$x"`;
  assert.equal(await read({ kind: 'command', command }), 'a "b" $(printf c)');
});

test('where nobody answers, the ways without a terminal are named', async () => {
  assert.deepEqual(await problemOf({ kind: 'ask' }), {
    code: 'bad-argument',
    argument: '--ask-elevate-password',
    expected: 'an answer at the terminal',
    found: 'none',
    next: 'without a terminal, --elevate-password-command or --elevate-password-file gives it',
  });
});

test('what is no password is refused, and not repeated', async () => {
  const long = 'x'.repeat(600);
  const found = [
    await problemOf(await file('')),
    await problemOf(await file(`${long}\n`)),
    await problemOf({ kind: 'ask' }, 'two\rparts'),
    await problemOf({ kind: 'command', command: 'echo secret; exit 3' }),
    await problemOf({ kind: 'file', path: '/nowhere/password' }),
  ];
  assert.deepEqual(
    found.map((problem) => problem.found),
    ['an empty line', '600 bytes', 'a line break or NUL within it', 'exit code 3', '/nowhere/password'],
  );
  assert.doesNotMatch(JSON.stringify(found), /secret|parts|xxx/);
});

test('an interrupted question ends the run with the reason of the signal', async () => {
  const stopping = new AbortController();
  const reading = readSudoPassword(
    { kind: 'command', command: 'exec sleep 60' },
    { person: saying(undefined), signal: stopping.signal },
  );
  stopping.abort(new Error('interrupted'));
  await assert.rejects(reading, /^Error: interrupted$/);
});
