import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AuthContext } from 'ssh2';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fingerprint } from '../../src/ssh/host-keys/known-hosts.ts';
import { acceptUserKey, type OwnServer, ownServer } from './own-server.ts';
import { type ScriptedPerson, scriptedPerson } from './scripted-person.ts';

// What OpenSSH asks reaches the person at the terminal, through a program of ours that ssh runs (SSH_ASKPASS).

const never = new AbortController().signal;
const passphrase = 'Pf3-opens-the-key';
const password = 'Pw4-opens-the-host';

test('the passphrase of a key is asked for once for all hosts, and again where it was wrong', async () => {
  await using server = await ownServer();
  const file = await encryptUserKey(server);
  const person = scriptedPerson(['wrong', passphrase]);
  const { connect } = await connector(server, person);
  await Promise.all(['own', 'twin'].map(connect));
  await connect('own');
  const ask = `passphrase of the key ${file}: `;
  assert.deepEqual(person.asked, [`secret: ${ask}`, `secret: that is not it. ${ask}`]);
  assert.equal(server.log.connections, 3);
});

test('a passphrase that is known before the hosts are dialled is not asked for again', async () => {
  await using server = await ownServer();
  const file = await encryptUserKey(server);
  const person = scriptedPerson([passphrase]);
  const { connect, prepare } = await connector(server, person);
  await prepare();
  assert.deepEqual(person.asked, [`secret: passphrase of the key ${file}: `]);
  await connect('own');
  assert.equal(person.asked.length, 1);
});

test('without a terminal, and with BatchMode, an encrypted key fails at once and is told', async () => {
  await using server = await ownServer();
  const file = await encryptUserKey(server);
  const problem = {
    code: 'key-unusable',
    file,
    said: 'encrypted, and the agent does not hold it: unlock it with ssh-add',
  };
  const alone = await connector(server, undefined);
  await assert.rejects(alone.connect('own'), { problem });
  const person = scriptedPerson([]);
  const batch = await connector(server, person, ['BatchMode yes']);
  await assert.rejects(batch.connect('own'), { problem });
  assert.deepEqual(person.asked, []);
  assert.equal(server.log.connections, 2);
  await untilNothingIsLeft(server);
});

test('a password is asked for again where it was wrong, and kept for the connections that follow', async () => {
  await using server = await ownServer({ authenticate: wantsPassword });
  const person = scriptedPerson(['wrong', password]);
  const { connect, heard } = await connector(server, person, ['PreferredAuthentications password']);
  await connect('own');
  await connect('own');
  const ask = "root@127.0.0.1's password: ";
  assert.deepEqual(person.asked, [`secret: ${ask}`, `secret: permission denied, please try again.\n${ask}`]);
  assert.ok(heard.some((line) => line.includes('Authenticated to 127.0.0.1')));
  assert.ok(!heard.join('\n').includes(password));
});

test('wrong passwords end a login as NumberOfPasswordPrompts says, it is not tried again, and none of them is kept', async () => {
  await using server = await ownServer({ authenticate: wantsPassword });
  const person = scriptedPerson(['a', 'b', password]);
  const lines = ['NumberOfPasswordPrompts 2', 'PreferredAuthentications password'];
  const { connect } = await connector(server, person, lines);
  await assert.rejects(connect('own'), { message: 'authentication-failed' });
  assert.equal(server.log.connections, 1);
  await connect('own');
  assert.equal(person.asked.length, 3);
});

test('a refusal to answer ends the login; no empty password is sent', async () => {
  await using server = await ownServer({ authenticate: wantsPassword });
  const { connect } = await connector(server, scriptedPerson([undefined]), ['PreferredAuthentications password']);
  await assert.rejects(connect('own'), {
    problem: { code: 'authentication-failed', user: 'root', tried: ['password', 'password (not given)'] },
  });
  assert.deepEqual(server.log.authentications, ['none']);
  await untilNothingIsLeft(server);
});

test("keyboard-interactive: a host's words come behind the name of the login; its password is kept, a code is asked for anew", async () => {
  await using server = await ownServer({
    authenticate: (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const prompts = ['Password: ', 'Code: '].map((prompt) => ({ prompt, echo: false }));
      context.prompt(prompts, ([given, code]) => {
        if (given === password && /^\d+$/.test(code ?? '')) context.accept();
        else context.reject(['keyboard-interactive']);
      });
    },
  });
  const person = scriptedPerson([password, '111', '222']);
  const { connect } = await connector(server, person, ['PreferredAuthentications keyboard-interactive']);
  await connect('own');
  await connect('own');
  const who = '(root@127.0.0.1)';
  assert.deepEqual(person.asked, [
    `secret: ${who} Password: `,
    `secret: ${who} Code: `,
    `secret: a new connection is made, and the host asks anew\n${who} Code: `,
  ]);
});

for (const answer of ['yes', 'no'] as const) {
  test(`an unknown host key is asked about, and the answer ${answer} counts`, async () => {
    await using server = await ownServer();
    const known = join(server.directory, 'known-anew');
    const person = scriptedPerson([answer]);
    const lines = ['StrictHostKeyChecking ask', `UserKnownHostsFile ${known}`];
    const { connect } = await connector(server, person, lines);
    const name = `[127.0.0.1]:${server.port}`;
    const shown = fingerprint(server.hostKey.blob);
    if (answer === 'yes') {
      await Promise.all([connect('own'), connect('own')]);
      assert.match(await readFile(known, 'utf8'), /ssh-ed25519/);
    } else {
      await assert.rejects(connect('own'), {
        problem: { code: 'host-key-unknown', name, fingerprint: shown, files: [known] },
      });
      assert.deepEqual(server.log.authentications, []);
      await assert.rejects(readFile(known), { code: 'ENOENT' });
    }
    assert.equal(person.asked.length, 1);
    const [question = ''] = person.asked;
    assert.ok(
      question.startsWith(`line: the host key of own (${name}) is not known yet, it shows\n  ED25519 ${shown}\n`),
      question,
    );
  });
}

test('the limit of the connection stands still while a person is asked', async () => {
  await using server = await ownServer({ authenticate: wantsPassword });
  const slow = async () => {
    await delay(2500);
    return password;
  };
  const { connect } = await connector(server, scriptedPerson([slow]), ['PreferredAuthentications password'], 2000);
  await connect('own');
});

test('no secret and no question is left when a flurry that asks is killed', async () => {
  await using server = await ownServer();
  await encryptUserKey(server);
  const program = fileURLToPath(new URL('./ask-and-stay.ts', import.meta.url));
  const words = ['--import', 'tsx', program, await server.sshConfig()];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const asking = await ofServer(server);
  assert.ok(asking.length >= 2, 'an ssh and its askpass');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await untilNothingIsLeft(server, asking);
  for (const { directory } of asking) await assert.rejects(readdir(directory), { code: 'ENOENT' });
});

test('no secret is in the arguments or the environment of any program, and nothing of a question is left', async () => {
  await using server = await ownServer({ authenticate: wantsKeyAndPassword });
  await encryptUserKey(server);
  const shown: string[] = [];
  const afterPassphrase = async () => {
    shown.push(await whatProgramsShow());
    return password;
  };
  const { connect, heard } = await connector(
    server,
    scriptedPerson([passphrase, afterPassphrase]),
    [],
    20_000,
    async () => {
      shown.push(await whatProgramsShow());
    },
  );
  await connect('own');
  assert.equal(shown.length, 2);
  const said = heard.join('\n');
  assert.ok(said.includes('127.0.0.1'), 'what was said holds the login');
  for (const text of shown) assert.ok(text.includes(server.directory), 'what is looked through holds this ssh');
  for (const text of [...shown, said]) {
    for (const secret of [passphrase, password]) assert.ok(!text.includes(secret));
  }
  await untilNothingIsLeft(server);
});

function wantsPassword(context: AuthContext): void {
  if (context.method === 'password' && context.password === password) context.accept();
  else context.reject(['password']);
}

function wantsKeyAndPassword(context: AuthContext, server: OwnServer): void {
  if (context.method === 'password' && context.password === password) context.accept();
  else if (context.method === 'publickey' && context.signature !== undefined) context.reject(['password'], true);
  else acceptUserKey(context, server);
}

async function connector(
  server: OwnServer,
  person: ScriptedPerson | undefined,
  lines: readonly string[] = [],
  timeoutMs = 20_000,
  whileConnected: () => Promise<void> = async () => {},
) {
  const heard: string[] = [];
  const config = await server.sshConfig(lines);
  await writeFile(config, (await readFile(config, 'utf8')).replace('Host own', 'Host own twin'));
  const connect = sshConnect({
    sshConfigFile: config,
    transport: 'openssh',
    ...(person && { person }),
    verbose: (_, line) => heard.push(line),
  });
  return {
    heard,
    connect: async (name: string) => {
      const session = await connect({ name, address: name }, { timeoutMs, signal: never });
      await whileConnected();
      await session.close();
    },
    prepare: () =>
      connect.prepare(
        ['own', 'twin'].map((name) => ({ name, address: name })),
        never,
      ),
  };
}

/** Its public half stands beside it, as ssh-keygen leaves it. */
async function encryptUserKey(server: OwnServer): Promise<string> {
  const file = join(server.directory, 'user_key');
  await writeFile(file, server.userKey.private, { mode: 0o600 });
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', file]);
  assert.equal(status, 0, String(stderr));
  await rm(`${file}.pub`, { force: true });
  return file;
}

async function untilNothingIsLeft(server: OwnServer, before: readonly Running[] = []): Promise<void> {
  for (let tries = 0; (await ofServer(server, before)).length > 0; tries += 1) {
    assert.ok(tries < 200, 'something is left');
    await delay(50);
  }
}

interface Running {
  readonly pid: number;
  readonly directory: string;
}

/** Everything that has to do with a login to this server, by its arguments: ssh, and what it has run in the directory. */
async function ofServer(server: OwnServer, before: readonly Running[] = []): Promise<readonly Running[]> {
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
        return { pid: Number(name), words };
      }),
  );
  const directories = new Set([
    ...before.map(({ directory }) => directory),
    ...all.flatMap(({ words }) => {
      const socket = words[words.indexOf('-S') + 1];
      return words.includes('-S') && words.includes(join(server.directory, 'ssh_config')) && socket !== undefined
        ? [socket.replace(/\/[^/]*$/, '')]
        : [];
    }),
  ]);
  return [...directories].flatMap((directory) =>
    all.filter(({ words }) => words.some((word) => word.startsWith(directory))).map(({ pid }) => ({ pid, directory })),
  );
}

/** Arguments and environment of everything that runs here. */
async function whatProgramsShow(): Promise<string> {
  const shown = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map(async (name) =>
      Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => ''))),
    );
  return (await Promise.all(shown)).flat().join('\n');
}
