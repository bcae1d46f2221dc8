import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FlurryError, type ProblemCode } from '../../src/core/problem.ts';
import { ask, converse } from '../../src/host/ask.ts';
import { localShell } from './local-shell.ts';

const never = new AbortController().signal;

function question(script: string, args: readonly string[] = [], timeoutMs = 20_000) {
  return { name: 'the test', script, arguments: args, shell: 'user', timeoutMs } as const;
}

function withCode(code: ProblemCode) {
  return (error: unknown) => error instanceof FlurryError && error.problem.code === code;
}

for (const shell of ['dash', 'bash']) {
  describe(`a question under ${shell}`, () => {
    const session = localShell([shell]);

    it('gives exactly what the script printed, with and without a last line break', async () => {
      assert.equal(await ask(session, question('printf "a\\n\\nb\\n\\n"'), never), 'a\n\nb\n');
      assert.equal(await ask(session, question('printf "no end"'), never), 'no end');
      assert.equal(await ask(session, question('true'), never), '');
    });

    it('hands over arguments literally, whatever they hold', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'flurry-ask-'));
      const hostile = [
        `$(touch ${directory}/a)`,
        `'; touch ${directory}/b; '`,
        'two\nlines',
        '--help',
        '',
        '`id`',
        '\\',
        '!x',
        'ünï→',
      ];
      const printed = await ask(session, question('for word do printf "<%s>" "$word"; done', hostile), never);
      assert.equal(printed, hostile.map((word) => `<${word}>`).join(''));
      assert.deepEqual(await readdir(directory), []);
      await rm(directory, { recursive: true });
    });

    it('keeps a script from reading what comes behind it', async () => {
      assert.equal(await ask(session, question('cat; echo end'), never), 'end');
    });

    it('tells a script that failed by its exit code and its own words', async () => {
      await assert.rejects(ask(session, question('echo no such luck >&2; exit 7'), never), (error: unknown) => {
        assert.ok(error instanceof FlurryError);
        assert.deepEqual(error.problem, {
          code: 'host-script-failed',
          question: 'the test',
          exitCode: 7,
          tail: 'no such luck\n',
        });
        return true;
      });
    });

    it('gives up on an answer without end, by size and by time', async () => {
      await assert.rejects(ask(session, question('yes'), never), withCode('answer-too-long'));
      await assert.rejects(
        ask(session, question('while :; do printf %0999d 0; done'), never).catch((error: unknown) => {
          throw error;
        }),
        withCode('answer-too-long'),
      );
      await assert.rejects(ask(session, question('sleep 1000', [], 50), never), withCode('answer-timeout'));
    });

    it('ends at once when it is aborted', async () => {
      const abort = new AbortController();
      const asked = converse(session, question('echo started; sleep 1000'), abort.signal, () => abort.abort('enough'));
      await assert.rejects(asked, (error: unknown) => error === 'enough');
    });
  });
}

describe('a login that is not a plain shell', () => {
  it('may chat before the script begins', async () => {
    const session = localShell(['sh', '-c', 'echo welcome; echo "\u001b[31mhello"; exec sh']);
    assert.equal(await ask(session, question('echo answer'), never), 'answer');
  });

  it('is told apart when it runs no script at all', async () => {
    const session = localShell(['sh', '-c', 'echo this account is not available; exit 1']);
    await assert.rejects(ask(session, question('echo answer'), never), withCode('bad-answer'));
  });

  it('may chat for ever without filling the memory', async () => {
    await assert.rejects(ask(localShell(['yes']), question('echo answer'), never), withCode('answer-too-long'));
    const session = localShell(['sh', '-c', 'cat /dev/zero']);
    await assert.rejects(ask(session, question('echo answer', [], 1500), never), (error: unknown) => {
      return withCode('answer-too-long')(error) || withCode('answer-timeout')(error);
    });
  });
});
