import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Answers } from '../../src/ssh/asking/answers.ts';
import { Patience } from '../../src/ssh/asking/patience.ts';
import { type Asked, openAskpass } from '../../src/ssh/openssh/askpass.ts';
import { LoginAnswers } from '../../src/ssh/openssh/login-answers.ts';
import { controlDirectory } from '../../src/ssh/openssh/openssh-directory.ts';
import { parseSshSettings } from '../../src/ssh/settings/ssh-settings.ts';
import { scriptedPerson } from './scripted-person.ts';

// The program that ssh runs to ask, run here in ssh's place (readpass.c says how).

const settings = {
  ...parseSshSettings('host web1\nhostname web1\nuser root\nport 22', {}),
  via: { kind: 'direct' },
} as const;

test('the touch of a security key is announced until ssh says no more, and the limit stands still', async () => {
  const notes: string[] = [];
  let over: (() => void) | undefined;
  const noticed = new Promise<void>((resolve) => (over = resolve));
  await using asking = await askingWith([], (message) => {
    notes.push(message);
    over?.();
  });
  const child = asking.ask('Confirm user presence for key ED25519-SK SHA256:x', 'none');
  await noticed;
  assert.deepEqual(notes, ['touch the security key: Confirm user presence for key ED25519-SK SHA256:x']);
  child.kill('SIGTERM');
  await once(child, 'close');
  await asking.settled();
});

test('a PIN that has opened a key is not asked for again; one that has not is never given twice', async () => {
  const pin = 'Enter PIN for ED25519-SK key /k: ';
  const answers = new Answers(scriptedPerson(['1111', '2222', '3333']));
  const login = async () => await askingWith([], () => {}, answers);
  const wrong = await login();
  assert.equal(await text(wrong.ask(pin).stdout), '1111\n');
  wrong.answers.refused();
  const right = await login();
  assert.equal(await text(right.ask(pin).stdout), '2222\n');
  right.answers.succeeded();
  const again = await login();
  assert.equal(await text(again.ask(pin).stdout), '2222\n');
  for (const each of [wrong, right, again]) await each[Symbol.asyncDispose]();
});

test('yes is the only yes to what ssh wants confirmed, and only this user can ask', async () => {
  await using asking = await askingWith(['y', 'n']);
  const question = 'Add key /k (k) to agent?';
  const yes = asking.ask(question, 'confirm');
  assert.equal(await text(yes.stdout), 'yes\n');
  const refused = asking.ask(question, 'confirm');
  assert.deepEqual(await Promise.all([text(refused.stdout), once(refused, 'close')]), ['', [1, null]]);
  assert.equal((await stat(asking.directory)).mode & 0o777, 0o700);
});

test('who asks when nobody listens any more is told no at once', async () => {
  await using asking = await askingWith([]);
  asking.close();
  const child = asking.ask("root@web1's password: ");
  assert.deepEqual(await once(child, 'close'), [1, null]);
});

async function askingWith(
  said: readonly string[],
  note: (message: string) => void = () => {},
  known: Answers = new Answers(scriptedPerson(said)),
) {
  const directory = await controlDirectory();
  const patience = new Patience(20_000, () => assert.fail('the time is over'));
  const { signal } = new AbortController();
  const answers = new LoginAnswers({ answers: known, settings, patience, signal, note, giveUp: () => {} });
  const { environment, close } = await openAskpass(directory, (asked: Asked) => answers.answer(asked));
  return {
    directory,
    answers,
    close,
    settled: () => patience.settled(),
    ask: (prompt: string, kind?: 'none' | 'confirm') =>
      spawn(String(environment['SSH_ASKPASS']), [prompt], {
        env: { ...process.env, ...environment, ...(kind && { SSH_ASKPASS_PROMPT: kind }) },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    [Symbol.asyncDispose]: async () => {
      patience.end();
      close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
