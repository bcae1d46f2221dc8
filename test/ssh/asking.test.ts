import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuthContext } from 'ssh2';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fingerprint } from '../../src/ssh/host-keys/known-hosts.ts';
import { acceptUserKey, keyPair, type OwnServer, ownServer } from './own-server.ts';
import { type ScriptedPerson, scriptedPerson } from './scripted-person.ts';

const never = new AbortController().signal;
const own = { name: 'own', address: 'own' };

/** A server that wants a password, after the key where that is told. */
const wantsPassword =
  (password: string, order: 'alone' | 'after the key' = 'alone') =>
  (context: AuthContext, server: OwnServer): void => {
    if (context.method === 'password' && context.password === password) context.accept();
    else if (order === 'after the key' && context.method === 'publickey' && context.signature !== undefined)
      context.reject(['password'], true);
    else if (order === 'after the key' && context.method === 'publickey') acceptUserKey(context, server);
    else context.reject(['publickey', 'password']);
  };

/** A server that asks these prompts and wants these answers. */
const wantsAnswers =
  (...wanted: readonly { readonly prompt: string; readonly echo: boolean; readonly answer: string }[]) =>
  (context: AuthContext): void => {
    if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
    else
      context.prompt([...wanted], 'who are you?', (answers) => {
        if (wanted.every(({ answer }, index) => answers[index] === answer)) context.accept();
        else context.reject(['keyboard-interactive']);
      });
  };

async function connector(server: OwnServer, person: ScriptedPerson | undefined, lines: readonly string[] = []) {
  const notes: string[] = [];
  const connect = sshConnect({
    sshConfigFile: await server.sshConfig(lines),
    ...(person && { person }),
    note: (host, message) => notes.push(`${host}: ${message}`),
  });
  const connectOnce = async (timeoutMs = 20_000) => {
    const session = await connect(own, { timeoutMs, signal: never });
    await session.close();
  };
  return { once: connectOnce, notes, prepare: () => connect.prepare([own, { ...own, name: 'twin' }], never) };
}

const question = (server: OwnServer) => `secret: root@[127.0.0.1]:${server.port}'s password: `;

test('a password is asked for after the keys, once for all connections of a run', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const person = scriptedPerson(['secret']);
  const { once } = await connector(server, person);
  await once();
  await once();
  assert.deepEqual(person.asked, [question(server)]);
  assert.deepEqual(server.log.authentications, ['publickey', 'password', 'publickey', 'password']);
});

test('a wrong password is asked for again, as often as NumberOfPasswordPrompts says, and the login is not tried again', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const person = scriptedPerson(['one', 'two', 'secret']);
  const { once } = await connector(server, person, ['NumberOfPasswordPrompts 2']);
  await assert.rejects(once(), {
    problem: {
      code: 'authentication-failed',
      user: 'root',
      tried: [join(server.directory, 'user_key'), 'password', 'password'],
    },
  });
  const again = question(server).replace('secret: ', 'secret: permission denied, please try again.\n');
  assert.deepEqual(person.asked, [question(server), again]);
  assert.equal(server.log.connections, 1);
});

test('a key and a password together are given where the host wants both', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret', 'after the key') });
  const person = scriptedPerson(['secret']);
  const { once } = await connector(server, person);
  await once();
  assert.deepEqual(server.log.authentications, ['publickey', 'publickey', 'password']);
});

test('PreferredAuthentications is the order, and PasswordAuthentication no asks for none', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const first = scriptedPerson(['secret']);
  await (await connector(server, first, ['PreferredAuthentications password,publickey'])).once();
  assert.deepEqual(server.log.authentications, ['none', 'password']);
  const second = scriptedPerson(['secret']);
  await assert.rejects((await connector(server, second, ['PasswordAuthentication no'])).once(), {
    message: 'authentication-failed',
  });
  assert.deepEqual(second.asked, []);
});

for (const [claim, lines, unasked] of [
  ['without a terminal', [], 'no-terminal'],
  ['with BatchMode', ['BatchMode yes'], 'batch-mode'],
] as const) {
  test(`${claim} nobody is asked for a password, and it fails at once with how to go on`, async () => {
    await using server = await ownServer({ authenticate: wantsPassword('secret') });
    const person = scriptedPerson(['secret']);
    const { once } = await connector(server, unasked === 'batch-mode' ? person : undefined, lines);
    await assert.rejects(once(), {
      problem: { code: 'authentication-failed', user: 'root', tried: [join(server.directory, 'user_key')], unasked },
    });
    assert.deepEqual(person.asked, []);
  });
}

test('a refusal to answer ends the login', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const { once } = await connector(server, scriptedPerson([undefined]));
  await assert.rejects(once(), {
    problem: {
      code: 'authentication-failed',
      user: 'root',
      tried: [join(server.directory, 'user_key'), 'password (not given)'],
    },
  });
});

test('the limit of the connection stands still while a person is asked', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const slow = scriptedPerson([() => delay(600, 'secret')]);
  await (await connector(server, slow)).once(400);
});

test('a password that was typed after the host had hung up is good for the next try', async () => {
  await using server = await ownServer({ authenticate: wantsPassword('secret') });
  const person = scriptedPerson([
    async () => {
      for (const connection of server.connections()) connection.end();
      await Promise.all(server.connections().map((connection) => once(connection, 'close')));
      await delay(50);
      return 'secret';
    },
  ]);
  await (await connector(server, person)).once();
  assert.equal(person.asked.length, 1);
  assert.equal(server.log.connections, 2);
});

test("keyboard-interactive: a host's password prompt is answered for all connections, behind the name of the login", async () => {
  await using server = await ownServer({
    authenticate: wantsAnswers({ prompt: 'Password\u001b[2J: ', echo: false, answer: 'secret' }),
  });
  const person = scriptedPerson(['secret']);
  const { once } = await connector(server, person);
  await once();
  await once();
  assert.deepEqual(person.asked, [`secret: who are you?\n(root@[127.0.0.1]:${server.port}) Password: `]);
});

test('keyboard-interactive: a code is asked for anew at each connection, which is told', async () => {
  await using server = await ownServer({
    authenticate: wantsAnswers(
      { prompt: 'Password: ', echo: false, answer: 'secret' },
      { prompt: 'Code: ', echo: true, answer: '123' },
    ),
  });
  const person = scriptedPerson(['secret', '123', 'secret', '123']);
  const { once } = await connector(server, person);
  await once();
  await once();
  const who = `(root@[127.0.0.1]:${server.port})`;
  assert.deepEqual(person.asked, [
    `secret: who are you?\n${who} Password: `,
    `line: ${who} Code: `,
    `secret: a new connection is made, and the host asks anew\nwho are you?\n${who} Password: `,
    `line: ${who} Code: `,
  ]);
});

const passphrase = 'pass phrase';

for (const kind of ['ed25519', 'rsa', 'ecdsa', 'pem'] as const) {
  test(`an encrypted key (${kind}) is opened before the hosts are dialled, asked for once for all of them`, async () => {
    const key: { public?: Buffer } = {};
    await using server = await ownServer({
      authenticate: (context) => {
        if (context.method === 'publickey' && key.public?.equals(context.key.data) === true) context.accept();
        else context.reject(['publickey']);
      },
    });
    const file = await encryptedKey(server, kind);
    key.public = Buffer.from((await readFile(`${file}.pub`, 'utf8')).split(' ')[1] ?? '', 'base64');
    if (kind === 'pem') await rm(`${file}.pub`);
    await rm(join(server.directory, 'user_key'));
    const person = scriptedPerson(['wrong', passphrase]);
    const { prepare, once } = await connector(server, person, [`IdentityFile ${file}`]);
    await prepare();
    const ask = `passphrase of the key ${file}: `;
    assert.deepEqual(person.asked, [`secret: ${ask}`, `secret: that is not it. ${ask}`]);
    await Promise.all([once(), once()]);
    assert.equal(person.asked.length, 2);
  });
}

for (const kind of ['ed25519', 'rsa', 'ecdsa'] as const) {
  test(`an encrypted key (${kind}) among others is opened only when the host wants it`, async () => {
    const key: { public?: Buffer } = {};
    await using server = await ownServer({
      authenticate: (context) => {
        const isIt = context.method === 'publickey' && key.public?.equals(context.key.data) === true;
        if (isIt) context.accept();
        else context.reject(['publickey']);
      },
    });
    const file = await encryptedKey(server, kind);
    key.public = Buffer.from((await readFile(`${file}.pub`, 'utf8')).split(' ')[1] ?? '', 'base64');
    const other = await encryptedKey(server, 'ed25519', 'other');
    const person = scriptedPerson([passphrase]);
    const lines = [
      `IdentityFile ${join(server.directory, 'user_key')}`,
      `IdentityFile ${other}`,
      `IdentityFile ${file}`,
    ];
    const { prepare, once } = await connector(server, person, lines);
    await prepare();
    assert.deepEqual(person.asked, []);
    await once();
    await once();
    assert.deepEqual(person.asked, [`secret: passphrase of the key ${file}: `]);
  });
}

test('a key is skipped after three wrong passphrases', async () => {
  await using server = await ownServer();
  const file = await encryptedKey(server, 'ed25519');
  await rm(join(server.directory, 'user_key'));
  const person = scriptedPerson(['a', 'b', '', passphrase]);
  const { prepare, once } = await connector(server, person, [`IdentityFile ${file}`]);
  await prepare();
  await assert.rejects(once(), {
    problem: { code: 'key-unusable', file, said: 'encrypted, and 3 passphrases were wrong' },
  });
  assert.equal(person.asked.length, 3);
});

for (const [format, args, said] of [
  ['PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'], 'a PKCS#8 key, which flurry cannot read'],
  [
    'chacha20',
    ['-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com'],
    'encrypted in a way that flurry cannot read (chacha20-poly1305@openssh.com)',
  ],
] as const) {
  test(`a key that ssh2 cannot read (${format}) is told as such, and nobody is asked for its passphrase`, async () => {
    await using server = await ownServer();
    const file = await keyFile(server, args, 'odd');
    await rm(join(server.directory, 'user_key'));
    const person = scriptedPerson([passphrase]);
    const { prepare, once } = await connector(server, person, [`IdentityFile ${file}`]);
    await prepare();
    await assert.rejects(once(), { problem: { code: 'key-unusable', file, said } });
    assert.deepEqual(person.asked, []);
  });
}

const unknownKey = (server: OwnServer, name = `own ([127.0.0.1]:${server.port})`) =>
  `line: the host key of ${name} is not known yet, it shows\n` +
  `  ed25519 ${fingerprint(server.hostKey.blob)}\n` +
  "compare with the machine's own, read there or from its console:\n" +
  '  cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -\n' +
  'trust it from now on? [yes/no/the fingerprint] ';

for (const answer of ['yes', 'the fingerprint'] as const) {
  test(`an unknown host key is asked about, accepted by ${answer}, and written down`, async () => {
    await using server = await ownServer();
    const file = join(server.directory, 'new');
    const lines = [`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking ask'];
    const person = scriptedPerson(['y', answer === 'yes' ? 'yes' : fingerprint(server.hostKey.blob)]);
    const { once } = await connector(server, person, lines);
    await once();
    await once();
    assert.deepEqual(person.asked, [unknownKey(server), 'line: please type yes, no or the fingerprint: ']);
    const written = `[127.0.0.1]:${server.port} ssh-ed25519 ${server.hostKey.blob.toString('base64')}\n`;
    assert.equal(await readFile(file, 'utf8'), written);
  });
}

for (const answer of ['no', '', undefined, 'SHA256:0000']) {
  test(`an unknown host key that is answered by ${JSON.stringify(answer)} is refused before anything is sent`, async () => {
    await using server = await ownServer();
    const lines = [`UserKnownHostsFile ${join(server.directory, 'new')}`, 'StrictHostKeyChecking ask'];
    const { once } = await connector(server, scriptedPerson([answer]), lines);
    await assert.rejects(once(), { message: 'host-key-unknown' });
    assert.deepEqual(server.log.authentications, []);
    assert.equal(server.log.connections, 1);
  });
}

for (const [claim, lines] of [
  ['StrictHostKeyChecking yes', ['StrictHostKeyChecking yes']],
  ['BatchMode', ['StrictHostKeyChecking ask', 'BatchMode yes']],
] as const) {
  test(`an unknown host key is refused and not asked about with ${claim}`, async () => {
    await using server = await ownServer();
    const person = scriptedPerson(['yes']);
    const all = [`UserKnownHostsFile ${join(server.directory, 'new')}`, ...lines];
    await assert.rejects((await connector(server, person, all)).once(), { message: 'host-key-unknown' });
    assert.deepEqual(person.asked, []);
  });
}

test('a changed host key is not asked about', async () => {
  await using server = await ownServer();
  const file = join(server.directory, 'changed');
  await writeFile(file, `[127.0.0.1]:${server.port} ssh-ed25519 ${keyPair().blob.toString('base64')}\n`);
  const person = scriptedPerson(['yes']);
  const { once } = await connector(server, person, [`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking ask']);
  await assert.rejects(once(), { message: 'host-key-changed' });
  assert.deepEqual(person.asked, []);
});

async function encryptedKey(server: OwnServer, kind: 'ed25519' | 'rsa' | 'ecdsa' | 'pem', name = 'encrypted') {
  const type = kind === 'pem' ? ['-t', 'rsa', '-m', 'PEM'] : ['-t', kind];
  return await keyFile(server, [...type, ...(kind === 'rsa' || kind === 'pem' ? ['-b', '2048'] : [])], name);
}

async function keyFile(server: OwnServer, args: readonly string[], name: string): Promise<string> {
  const file = join(server.directory, name);
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', ...args, '-N', passphrase, '-f', file], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return file;
}
