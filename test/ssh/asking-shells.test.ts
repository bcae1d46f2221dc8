import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { askingScript } from '../../src/ssh/settings/asking-shell.ts';
import { AskingShells } from '../../src/ssh/settings/asking-shells.ts';

interface Undone {
  after(undo: () => unknown): void;
}

// Says each of its words in brackets, and in `parents` whose child it is. By its last word it fails, hangs or is killed.
const stub = `#!/bin/sh
echo "$PPID" >>"$FOLDER/parents"
for word; do printf '[%s]' "$word"; done
case $word in
  bad*) echo "no good: $word" >&2; exit 255 ;;
  hanging) sleep 60 & wait ;;
  killed) kill -9 $$ ;;
  leaving) sleep 60 >&2 & ;;
  endless) while :; do echo endless; done ;;
esac
`;

test('many hosts are asked about by few shells, each in its own words, and each has its own answer', async (t) => {
  const { ask, parents } = await askingWith(t);
  const odd = ['a  b', ' $(touch x) ', '\'"\\n`', '*', '-l', 'Ä Á 端', ''];
  const names = Array.from({ length: 200 }, (_, index) => (index % 10 === 3 ? `bad${index}` : `web${index}`));
  const answers = await Promise.all(names.map((name) => ask([...odd, '--', name])));
  const words = odd.map((word) => `[${word}]`).join('');
  for (const [index, name] of names.entries()) {
    const isBad = name.startsWith('bad');
    assert.deepEqual(answers[index], {
      status: isBad ? 255 : 0,
      stdout: `[-T][-G]${words}[--][${name}]`,
      stderr: isBad ? `no good: ${name}\n` : '',
    });
  }
  const started = await parents();
  assert.equal(started.length, 200);
  assert.ok(new Set(started).size <= 16, `${new Set(started).size} shells`);
});

test('a word of several lines comes to ssh as it is, whether or not its shell has been asked before', async (t) => {
  const { ask } = await askingWith(t);
  const names = Array.from({ length: 60 }, (_, index) => `web${index}`);
  const answers = await Promise.all(
    names.map((name, index) => ask(['-o', index % 3 === 0 ? 'User x\n' : 'one', name])),
  );
  assert.deepEqual(
    answers.map(({ stdout }) => stdout),
    names.map((name, index) => `[-T][-G][-o][${index % 3 === 0 ? 'User x\n' : 'one'}][${name}]`),
  );
});

test('one that does not answer, that is killed, does not end, or leaves a program behind spoils no other', async (t) => {
  const { ask } = await askingWith(t);
  const many = (name: string) => Array.from({ length: 40 }, (_, index) => `${name}${index}`);
  const [hanging, killed, endless, leaving, ...others] = await Promise.allSettled(
    ['hanging', 'killed', 'endless', 'leaving', ...many('web')].map((name) => ask([name], 3000)),
  );
  const why = (one: PromiseSettledResult<unknown> | undefined) =>
    one?.status === 'rejected' ? String(one.reason) : one?.value;
  assert.equal(why(hanging), 'Error: ssh -G gave no answer within 3000 ms');
  assert.equal(killed?.status === 'fulfilled' && killed.value.status, 137);
  assert.equal(why(endless), 'Error: ssh -G does not end its answer');
  assert.deepEqual(why(leaving), { status: 0, stdout: '[-T][-G][leaving]', stderr: '' });
  assert.deepEqual(
    others.map((one) => why(one)),
    many('web').map((name) => ({ status: 0, stdout: `[-T][-G][${name}]`, stderr: '' })),
  );
});

for (const program of ['sh', 'bash', 'dash']) {
  test(`the script asks the same in ${program}`, async (t) => {
    const { environment } = await folderWith(t);
    const asked = (path: string) => {
      const { stdout, stderr, status } = spawnSync(program, ['-c', askingScript, 'sh', 'MARK', 'a\nb'], {
        env: { ...environment, PATH: path },
        // Else bash takes a socket on its standard input for rshd, and reads .bashrc.
        argv0: 'sh',
        input: '2\n x \\y\nbad1\n0\n',
        encoding: 'utf8',
      });
      return { stdout, stderr, status };
    };
    assert.deepEqual(asked(environment.PATH), {
      stdout: '[-T][-G][a\nb]MARK 0\n[-T][-G][ x \\y][bad1]MARK 255\n[-T][-G]MARK 0\n',
      stderr: 'MARK\nno good: bad1\nMARK\nMARK\n',
      status: 0,
    });
  });
}

async function askingWith(t: Undone) {
  const { folder, environment } = await folderWith(t);
  const shells = new AskingShells(environment);
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return {
    ask: (words: readonly string[], timeoutMs = 60_000) => shells.ask(words, { timeoutMs, signal }),
    parents: async () => (await readFile(join(folder, 'parents'), 'utf8')).trim().split('\n'),
  };
}

async function folderWith(t: Undone) {
  const folder = await mkdtemp(join(tmpdir(), 'flurry-asking-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'ssh'), stub, { mode: 0o700 });
  const path = [folder, process.env['PATH'] ?? ''].join(delimiter);
  return { folder, environment: { PATH: path, FOLDER: folder, LC_ALL: 'C.UTF-8' } };
}
