import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Answers } from '../../src/ssh/asking/answers.ts';
import { offeredAlgorithms } from '../../src/ssh/builtin/algorithms.ts';
import { type Login, type LoginResult, logIn } from '../../src/ssh/builtin/login.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import type { VerifyHostKey } from '../../src/ssh/host-keys/host-key-check.ts';
import { hostVerifier } from '../../src/ssh/host-keys/host-verifier.ts';
import { fingerprint } from '../../src/ssh/host-keys/known-hosts.ts';
import { IdentityFiles } from '../../src/ssh/keys/identity-file.ts';
import { keyOffers } from '../../src/ssh/keys/offers.ts';
import { sshResolver } from '../../src/ssh/settings/resolve.ts';
import { freePort, keyPair, type OwnServer, ownServer } from './own-server.ts';

const never = new AbortController().signal;

test('a check of the host key that rejects refuses the host before anything is sent', async () => {
  await using server = await ownServer();
  const result = await logInWith(server, () => Promise.reject(new Error('the key file is gone')));
  assert.deepEqual(problemOf(result), {
    code: 'host-key-unchecked',
    name: `[127.0.0.1]:${server.port}`,
    said: 'the key file is gone',
  });
  assert.deepEqual(server.log.authentications, []);
});

test('a check of the host key that throws at once refuses', async () => {
  await using server = await ownServer();
  const result = await logInWith(server, () => {
    throw new Error('no');
  });
  assert.deepEqual(problemOf(result)?.code, 'host-key-unchecked');
  assert.deepEqual(server.log.authentications, []);
});

for (const answer of ['false', 'null', '0', '"yes"', '1', '{}']) {
  test(`a check of the host key that gives ${answer} refuses`, async () => {
    await using server = await ownServer();
    const result = await logInWith(server, async () => JSON.parse(answer));
    assert.equal(problemOf(result)?.code, 'host-key-unchecked');
    assert.deepEqual(server.log.authentications, []);
  });
}

test('a slow check of the host key is waited for, and nothing is sent meanwhile', async () => {
  await using server = await ownServer();
  let sentMeanwhile: readonly string[] = ['not asked'];
  const result = await logInWith(server, async () => {
    // Time enough for a whole other login, whose two authentications these are.
    await (await server.connect()).close();
    sentMeanwhile = [...server.log.authentications];
    return true;
  });
  assert.equal(result.kind, 'connected');
  assert.deepEqual(sentMeanwhile, ['publickey', 'publickey']);
  assert.equal(server.log.authentications.length, 4);
  if (result.kind === 'connected') result.value.socket.destroy();
});

test('a check of the host key that never ends is given up with the limit', async () => {
  await using server = await ownServer();
  const result = await logInWith(server, () => new Promise(() => {}), 500);
  assert.deepEqual(problemOf(result), {
    code: 'connect-timeout',
    address: '127.0.0.1',
    port: server.port,
    afterMs: 500,
    tries: 1,
  });
  assert.deepEqual(server.log.authentications, []);
});

test('at a rekey the same key is accepted and another one refused, both by a literal boolean', async () => {
  const [first, second] = [keyPair().blob, keyPair().blob];
  let asked = 0;
  const verifier = hostVerifier(
    async () => {
      asked += 1;
      return true;
    },
    { refused: () => {}, stillWanted: () => true },
  );
  const answered = new Promise((resolve) => {
    assert.equal(verifier(first, resolve), undefined);
  });
  assert.equal(await answered, true);
  const noCallback = () => assert.fail('answered by callback');
  assert.equal(verifier(first, noCallback), true);
  assert.equal(verifier(second, noCallback), false);
  assert.equal(asked, 1);
});

test('a check of the host key that rejects is answered by a literal false', async () => {
  const refusals: unknown[] = [];
  const verifier = hostVerifier(() => Promise.reject('no'), {
    refused: (thrown) => refusals.push(thrown),
    stillWanted: () => true,
  });
  const answered = new Promise((resolve) => {
    assert.equal(verifier(keyPair().blob, resolve), undefined);
  });
  assert.equal(await answered, false);
  assert.deepEqual(refusals, ['no']);
});

test('no key is offered but the right ones, in publickey authentications only', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  await session.close();
  // The question whether the key would do, and the signature.
  assert.deepEqual(server.log.authentications, ['publickey', 'publickey']);
});

test('a wrong user key is authentication-failed after exactly one try', async () => {
  await using server = await ownServer();
  await writeFile(join(server.directory, 'user_key'), keyPair().private, { mode: 0o600 });
  await assert.rejects(server.connect(), {
    problem: { code: 'authentication-failed', user: 'root', tried: [join(server.directory, 'user_key')] },
  });
  assert.equal(server.log.connections, 1);
  assert.deepEqual(server.log.authentications, ['publickey']);
});

test('at most five keys are offered, the others are told', async () => {
  await using server = await ownServer();
  const files = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'].map((name) => join(server.directory, name));
  for (const file of files) await writeFile(file, keyPair().private, { mode: 0o600 });
  await assert.rejects(server.connect(files.map((file) => `IdentityFile ${file}`)), {
    problem: {
      code: 'authentication-failed',
      user: 'root',
      tried: [
        ...files.slice(0, 5),
        `${files[5]} (only 5 keys are offered)`,
        `${join(server.directory, 'user_key')} (only 5 keys are offered)`,
      ],
    },
  });
  assert.equal(server.log.authentications.length, 5);
});

test('a host that wants more than a key is told so', async () => {
  await using server = await ownServer({
    authenticate: (context) => context.reject(['keyboard-interactive'], context.method === 'publickey'),
  });
  await assert.rejects(server.connect(), {
    problem: {
      code: 'authentication-failed',
      user: 'root',
      tried: [join(server.directory, 'user_key'), 'then the host wants keyboard-interactive'],
      unasked: 'no-terminal',
    },
  });
  assert.equal(server.log.connections, 1);
});

test('an unknown host key is refused with its fingerprint before anything is sent', async () => {
  await using server = await ownServer();
  const empty = join(server.directory, 'empty');
  await assert.rejects(server.connect([`UserKnownHostsFile ${empty}`]), {
    problem: {
      code: 'host-key-unknown',
      name: `[127.0.0.1]:${server.port}`,
      fingerprint: fingerprint(server.hostKey.blob),
      files: [empty],
    },
  });
  assert.deepEqual(server.log.authentications, []);
  assert.equal(server.log.connections, 1);
});

test('accept-new writes an unknown key down, hashed where that is wished, and needs no second trust', async () => {
  await using server = await ownServer();
  const file = join(server.directory, 'new');
  const lines = [`UserKnownHostsFile ${file}`, 'HashKnownHosts yes'];
  await (await server.connect([...lines, 'StrictHostKeyChecking accept-new'])).close();
  assert.match(await readFile(file, 'utf8'), /^\|1\|\S+ ssh-ed25519 \S+\n$/);
  await (await server.connect([...lines, 'StrictHostKeyChecking yes'])).close();
});

test('a key trusted on first use is not written down before the host could log us in', async () => {
  await using server = await ownServer({ authenticate: (context) => context.reject(['publickey']) });
  const file = join(server.directory, 'new');
  const lines = [`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking accept-new'];
  await assert.rejects(server.connect(lines), { message: 'authentication-failed' });
  await assert.rejects(readFile(file), { code: 'ENOENT' });
});

for (const policy of ['yes', 'accept-new', 'no', 'off']) {
  test(`a changed host key is refused before anything is sent with StrictHostKeyChecking ${policy}`, async () => {
    await using server = await ownServer();
    const file = join(server.directory, 'changed');
    const other = `[127.0.0.1]:${server.port} ssh-ed25519 ${keyPair().blob.toString('base64')}\n`;
    await writeFile(file, `# a comment\n${other}`);
    await assert.rejects(server.connect([`UserKnownHostsFile ${file}`, `StrictHostKeyChecking ${policy}`]), {
      problem: {
        code: 'host-key-changed',
        name: `[127.0.0.1]:${server.port}`,
        fingerprint: fingerprint(server.hostKey.blob),
        file,
        line: 2,
      },
    });
    assert.deepEqual(server.log.authentications, []);
    assert.equal(await readFile(file, 'utf8'), `# a comment\n${other}`);
  });
}

test('a key that is known for the name without the port is good for the port, as with ssh', async () => {
  await using server = await ownServer();
  const file = join(server.directory, 'bare');
  await writeFile(file, `127.0.0.1 ssh-ed25519 ${server.hostKey.blob.toString('base64')}\n`);
  await (await server.connect([`UserKnownHostsFile ${file}`])).close();
});

test('a host known by an authority only is not dialled, whatever the policy', async () => {
  await using server = await ownServer();
  const file = join(server.directory, 'authority');
  await writeFile(file, `@cert-authority * ssh-ed25519 ${server.hostKey.blob.toString('base64')}\n`);
  await assert.rejects(server.connect([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking no']), {
    problem: { code: 'ssh-unsupported', option: 'cert-authority', value: `${file}:1` },
  });
  assert.equal(server.log.connections, 0);
});

test('a port on which nothing listens is connection-refused', async () => {
  const port = await freePort();
  await assert.rejects(dial(port), { problem: { code: 'connection-refused', address: '127.0.0.1', port } });
});

test('a name that does not exist is unknown-address', async () => {
  const host = { name: 'x', address: 'no-such-host.invalid' };
  await assert.rejects(sshConnect({ sshConfigFile: '/dev/null' })(host, { timeoutMs: 20_000, signal: never }), {
    problem: { code: 'unknown-address', address: 'no-such-host.invalid' },
  });
});

test('a server that says nothing is connect-timeout after three tries', async () => {
  await using silent = await rawServer(() => {});
  await assert.rejects(dial(silent.port, 300), {
    problem: { code: 'connect-timeout', address: '127.0.0.1', port: silent.port, afterMs: 300, tries: 3 },
  });
  assert.equal(silent.sockets.length, 3);
});

test('a server that hangs up before its first line is tried three times', async () => {
  await using busy = await rawServer((socket) => socket.destroy());
  await assert.rejects(dial(busy.port), { message: 'handshake-failed' });
  assert.equal(busy.sockets.length, 3);
});

test('a server that comes up meanwhile is reached by a later try', async () => {
  await using server = await ownServer();
  let refusals = 2;
  await using front = await rawServer((socket) => {
    refusals -= 1;
    if (refusals >= 0) socket.destroy();
    else server.inject(socket);
  });
  const session = await server.connect([`Port ${front.port}`, 'HostKeyAlias own', ...(await trusting(server, 'own'))]);
  await session.close();
  assert.equal(front.sockets.length, 3);
});

test('a server that is no SSH server is handshake-failed after one try', async () => {
  await using web = await rawServer((socket) => socket.end('SSH-1.5-ancient\r\n'));
  await assert.rejects(dial(web.port), {
    problem: { code: 'handshake-failed', said: 'Invalid identification string' },
  });
  assert.equal(web.sockets.length, 1);
});

test('a server without an algorithm of ours is handshake-failed after one try', async () => {
  await using server = await ownServer({ config: { algorithms: { cipher: ['aes128-cbc'] } } });
  await assert.rejects(server.connect(), { message: 'handshake-failed' });
  assert.equal(server.log.connections, 1);
});

test('giving up ends a try that is under way, with the reason', async () => {
  const reason = new Error('enough');
  const stop = new AbortController();
  await using silent = await rawServer(() => stop.abort(reason));
  await assert.rejects(dial(silent.port, 60_000, stop.signal), reason);
});

test('at most eight handshakes are under way with one address', async () => {
  let underWay = 0;
  let most = 0;
  await using server = await ownServer({
    authenticate: (context, own) => {
      if (own.connections().length > 0 && context.method === 'publickey' && context.signature !== undefined)
        underWay -= 1;
      context.accept();
    },
    connected: () => {
      underWay += 1;
      most = Math.max(most, underWay);
    },
  });
  const sshConfigFile = await server.sshConfig();
  const connect = sshConnect({ sshConfigFile });
  const sessions = await Promise.all(
    Array.from({ length: 20 }, () => connect({ name: 'own', address: 'own' }, { timeoutMs: 60_000, signal: never })),
  );
  await Promise.all(sessions.map((session) => session.close()));
  assert.equal(server.log.connections, 20);
  assert.equal(most, 8);
});

async function logInWith(server: OwnServer, verify: VerifyHostKey, timeoutMs = 20_000): Promise<LoginResult> {
  const resolve = sshResolver({ sshConfigFile: await server.sshConfig(), environment: process.env });
  const settings = await resolve({ name: 'own', address: 'own' }, { timeoutMs, signal: never });
  const login: Login = {
    settings,
    algorithms: offeredAlgorithms(settings.algorithms, []),
    hostKey: { name: `[127.0.0.1]:${server.port}`, knownTypes: [], verify, proved: async () => {} },
    keys: await keyOffers(settings, new IdentityFiles()),
    timeoutMs,
    environment: process.env,
    signal: never,
    answers: new Answers(undefined),
    verbose: () => {},
    note: () => {},
  };
  return logIn(login, 1);
}

function problemOf(result: LoginResult) {
  return result.kind === 'failed' ? result.problem : undefined;
}

async function dial(port: number, timeoutMs = 20_000, signal = never): Promise<unknown> {
  const host = { name: 'x', address: '127.0.0.1', port, user: 'root' };
  return sshConnect({ sshConfigFile: '/dev/null' })(host, { timeoutMs, signal });
}

async function trusting(server: OwnServer, name: string): Promise<readonly string[]> {
  const file = join(server.directory, 'trusted');
  await writeFile(file, `${name} ssh-ed25519 ${server.hostKey.blob.toString('base64')}\n`);
  return [`UserKnownHostsFile ${file}`];
}

async function rawServer(met: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    met(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return {
    port: address.port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
