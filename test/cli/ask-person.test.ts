import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { personAt } from '../../src/cli/ask-person.ts';

const never = new AbortController().signal;
const question = (host: string) => `${host} was tested and waits: keep the new system? [y/N] `;

function terminal(how: { readonly isTTY?: boolean } = {}) {
  const stdin = new PassThrough();
  const written: string[] = [];
  const stderr = {
    ...how,
    columns: 100,
    write: (text: string) => written.push(text) > 0,
    on: () => undefined,
    off: () => undefined,
  };
  const person = personAt({ stdin, stderr });
  const type = async (text: string): Promise<void> => {
    stdin.write(text);
    await turn();
    await turn();
  };
  return { person, stdin, type, screen: () => written.join('') };
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
] as const;

for (const [typed, expected] of answers) {
  test(`${JSON.stringify(typed)} means ${expected ? 'yes' : 'no'}`, async () => {
    const { person, type, screen } = terminal();
    const answer = person.ask('web1', never);
    await turn();
    await type(`${typed}\n`);
    assert.equal(await answer, expected);
    assert.equal(screen(), question('web1'));
    person.close();
  });
}

test('hosts that wait at the same time are asked about one after the other', async () => {
  const { person, type, screen } = terminal();
  const all = Promise.all(['web1', 'web2', 'web3'].map((host) => person.ask(host, never)));
  await turn();
  assert.equal(screen(), question('web1'));
  await type('y\n');
  assert.equal(screen(), question('web1') + question('web2'));
  await type('n\n');
  await type('yes\n');
  assert.deepEqual(await all, [true, false, true]);
  person.close();
});

test('a line answers no question that was not shown when it was typed', async () => {
  const { person, type } = terminal();
  await type('y\n');
  const first = person.ask('web1', never);
  const second = person.ask('web2', never);
  await turn();
  await type('y\ny\n');
  assert.equal(await first, true);
  await type('n\n');
  assert.equal(await second, false);
  person.close();
});

test('the end of input means no, to every question', async () => {
  const { person, stdin } = terminal();
  const both = Promise.all([person.ask('web1', never), person.ask('web2', never)]);
  await turn();
  stdin.end();
  assert.deepEqual(await both, [false, false]);
  assert.equal(await person.ask('web3', never), false);
});

test('an interruption means no, and the next host is asked about only under its own signal', async () => {
  const { person, type, screen } = terminal();
  const interruption = new AbortController();
  const first = person.ask('web1', interruption.signal);
  const second = person.ask('web2', interruption.signal);
  const third = person.ask('web3', never);
  await turn();
  interruption.abort('SIGINT');
  assert.deepEqual([await first, await second], [false, false]);
  await turn();
  await type('y\n');
  assert.equal(await third, true);
  assert.equal(screen(), `${question('web1')}\n${question('web3')}`);
  person.close();
});

test('what is told meanwhile stands above the open question', async () => {
  const { person, type, screen } = terminal({ isTTY: true });
  person.stderr.write('before\n');
  const answer = person.ask('web1', never);
  await turn();
  person.stderr.write('web2 | building\n');
  await type('y\n');
  await answer;
  person.stderr.write('after\n');
  const again = `\r\u001b[Kweb2 | building\n${question('web1')}`;
  assert.equal(screen(), `before\n${question('web1')}${again}after\n`);
  assert.equal(person.stderr.columns, 100);
  person.close();
});

test('where errors go to a file no control code is written for the question', async () => {
  const { person, stdin, screen } = terminal();
  const answer = person.ask('web1', never);
  await turn();
  person.stderr.write('web2 | building\n');
  stdin.end();
  await answer;
  assert.equal(screen(), `${question('web1')}\nweb2 | building\n${question('web1')}`);
});

test('a hostile name of a host does not reach the screen raw', async () => {
  const { person, stdin, screen } = terminal();
  const answer = person.ask('web\u001b[31m1\r', never);
  await turn();
  stdin.end();
  await answer;
  assert.equal(screen(), question('web1\\x0d'));
});
