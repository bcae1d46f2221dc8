import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { personAt } from '../../src/cli/ask-person.ts';
import { askToKeep } from '../../src/cli/asking.ts';

const never = new AbortController().signal;
const eraseOne = '\r\u001b[J';

function terminal(how: { readonly stdin?: boolean; readonly stderr?: boolean } = {}) {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: how.stdin ?? true,
    setRawMode: (on: boolean) => raw.push(on),
  });
  const written: string[] = [];
  const stderr = {
    isTTY: how.stderr ?? true,
    columns: 100,
    rows: 30,
    write: (text: string) => written.push(text) > 0,
    on: () => undefined,
    off: () => undefined,
  };
  let interruptions = 0;
  const person = personAt({ stdin, stderr }, () => {
    interruptions += 1;
  });
  const screen = (): string => written.join('');
  /** Waits until the text is shown for the first or the given time. */
  const shown = async (text: string, times = 1): Promise<void> => {
    while (screen().split(text).length <= times) await delay(1);
  };
  const type = async (text: string): Promise<void> => {
    stdin.write(text);
    await delay(1);
  };
  return { person, stdin, type, shown, screen, raw, interruptions: () => interruptions };
}

const answers = [
  ['y', true],
  ['yes', true],
  [' YES ', true],
  ['', false],
  ['n', false],
  ['no', false],
  ['yep', false],
  ['yy', false],
  ['yx\u007f', true],
  ['no\u0015y', true],
] as const;

for (const [typed, expected] of answers) {
  test(`${JSON.stringify(typed)} means ${expected ? 'yes' : 'no'}`, async () => {
    const { person, type, shown } = terminal();
    const answer = person.yes('keep? ', never);
    await shown('keep? ');
    await type(`${typed}\r`);
    assert.equal(await answer, expected);
  });
}

test('a secret is not echoed, and the terminal is as before when it was given', async () => {
  const { person, type, shown, screen, raw } = terminal();
  const answer = person.secret('password: ', never);
  await shown('password: ');
  assert.deepEqual(raw, [true]);
  await type('grüße ✓');
  await type('\r');
  assert.equal(await answer, 'grüße ✓');
  assert.equal(screen(), 'password: \n');
  assert.deepEqual(raw, [true, false]);
});

test('a line is echoed as it is typed, and arrows are no text', async () => {
  const { person, type, shown, screen } = terminal();
  const answer = person.line('code: ', never);
  await shown('code: ');
  await type('1\u001b[D2');
  await type('\u007f3\r');
  assert.equal(await answer, '13');
  assert.equal(screen(), `code: 12${eraseOne}code: 13\n`);
});

test('questions of the whole fleet are asked one after the other', async () => {
  const { person, type, shown, screen } = terminal();
  const all = Promise.all([person.secret('one: ', never), person.yes('two: ', never), person.line('three: ', never)]);
  await shown('one: ');
  assert.equal(screen(), 'one: ');
  await type('1\r');
  await shown('two: ');
  await type('y\r');
  await shown('three: ');
  await type('3\r');
  assert.deepEqual(await all, ['1', true, '3']);
});

test('what was typed before a question was shown answers nothing', async () => {
  const { person, type, shown } = terminal();
  await type('y\r');
  const first = person.yes('first? ', never);
  const second = person.yes('second? ', never);
  await shown('first? ');
  await type('y\ry\r');
  assert.equal(await first, true);
  await shown('second? ');
  await type('n\r');
  assert.equal(await second, false);
});

test('Ctrl-D refuses; Ctrl-C refuses and interrupts', async () => {
  const { person, type, shown, interruptions } = terminal();
  const refused = person.secret('one: ', never);
  await shown('one: ');
  await type('abc\u0004');
  assert.equal(await refused, undefined);
  assert.equal(interruptions(), 0);
  const interrupted = person.secret('two: ', never);
  await shown('two: ');
  await type('abc\u0003');
  assert.equal(await interrupted, undefined);
  assert.equal(interruptions(), 1);
});

test('the end of input refuses every question', async () => {
  const { person, stdin, shown } = terminal();
  const both = Promise.all([person.yes('one? ', never), person.secret('two: ', never)]);
  await shown('one? ');
  stdin.end();
  assert.deepEqual(await both, [false, undefined]);
  assert.equal(await person.line('three: ', never), undefined);
});

for (const [where, how] of [
  ['standard input', { stdin: false }],
  ['standard error', { stderr: false }],
] as const) {
  test(`nobody is asked where ${where} is no terminal`, async () => {
    const { person, screen, raw } = terminal(how);
    assert.equal(person.isThere(), false);
    assert.equal(await person.secret('one: ', never), undefined);
    assert.equal(await person.yes('two? ', never), false);
    assert.equal(screen(), '');
    assert.deepEqual(raw, []);
  });
}

test('a signal takes its own question away, not those of others', async () => {
  const { person, type, shown, screen } = terminal();
  const stop = new AbortController();
  const first = person.yes('first? ', stop.signal);
  const second = person.yes('second? ', stop.signal);
  const third = person.yes('third? ', never);
  await shown('first? ');
  stop.abort();
  assert.deepEqual([await first, await second], [false, false]);
  await shown('third? ');
  await type('y\r');
  assert.equal(await third, true);
  assert.equal(screen().includes('second'), false);
});

test('lines that are written meanwhile stand above the open question, whose last line is what is typed', async () => {
  const { person, type, shown, screen } = terminal();
  person.stderr.write('before\n');
  const answer = person.line('about\nkey? ', never);
  await shown('key? ');
  await type('n');
  person.stderr.write('web2 | building\n');
  await type('\r');
  await answer;
  person.stderr.write('after\n');
  const erase = '\r\u001b[1A\u001b[J';
  assert.equal(screen(), `before\nabout\nkey? n${erase}web2 | building\nabout\nkey? n\nafter\n`);
  assert.equal(person.stderr.columns, 100);
});

test('a live display is held back while a question is open, and goes on where it was', async () => {
  const { person, type, shown, screen } = terminal();
  const frame = (text: string) => `\u001b[?2026h${text}\u001b[?2026l`;
  person.stderr.write(frame('one'));
  const answer = person.secret('password: ', never);
  await shown('password: ');
  person.stderr.write(frame('two'));
  person.stderr.write('three\n');
  await type('x\r');
  await answer;
  assert.equal(screen(), `${frame('one')}\u001b[?25hpassword: ${eraseOne}\u001b[?25l${frame('two')}three\n`);
  // Room for the question is left below it.
  assert.equal(person.stderr.rows, 25);
});

test('a hostile name of a host does not reach the screen raw', async () => {
  const { person, type, shown, screen } = terminal();
  const answer = askToKeep(person)('web\u001b[31m1\r', never);
  await shown('keep the new system?');
  await type('\r');
  await answer;
  assert.equal(screen(), 'web1\\x0d was tested and waits: keep the new system? [y/N] \n');
});
