import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sshConnect } from '../../src/ssh/connect.ts';
import { IdentityFiles } from '../../src/ssh/keys/identity-file.ts';
import { keyOffers } from '../../src/ssh/keys/offers.ts';
import { defaultLoginMethods } from '../../src/ssh/settings/login-methods.ts';
import type { SshSettings } from '../../src/ssh/settings/ssh-settings.ts';
import { ownServer } from './own-server.ts';
import { scriptedPerson } from './scripted-person.ts';

interface Undone {
  after(undo: () => unknown): void;
}

const skip = spawnSync('ssh-agent', ['-h']).error !== undefined && 'there is no ssh-agent here';

test('keys are offered in the order of OpenSSH: of the agent those listed first, then files', { skip }, async (t) => {
  const directory = await folder(t);
  const [listed, other, file] = ['listed', 'other', 'file'].map((name) => makeKey(directory, name));
  const agentSocket = await agentWith(t, directory, [other, listed]);
  const settings = settingsWith({ identityFiles: [`${file}`, `${listed}`], agentSocket });
  assert.deepEqual(await labels(settings), ['agent key listed', 'agent key other', file]);
});

test('IdentitiesOnly leaves out the agent keys that are no identity files', { skip }, async (t) => {
  const directory = await folder(t);
  const [listed, other] = ['listed', 'other'].map((name) => makeKey(directory, name));
  const agentSocket = await agentWith(t, directory, [other, listed]);
  const settings = settingsWith({ identityFiles: [`${listed}`], agentSocket, agentKeys: 'of-identity-files' });
  assert.deepEqual(await labels(settings), ['agent key listed']);
});

test('an encrypted key is used by way of the agent, known by the public half inside its own file', {
  skip,
}, async (t) => {
  const directory = await folder(t);
  const plain = makeKey(directory, 'locked');
  const agentSocket = await agentWith(t, directory, [plain]);
  const encrypted = join(directory, 'encrypted');
  await copyFile(plain, encrypted);
  run('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', encrypted]);
  const settings = settingsWith({ identityFiles: [encrypted], agentSocket, agentKeys: 'of-identity-files' });
  assert.deepEqual(await keysOf(settings), { offers: ['agent key locked'], unusable: [] });
});

test('an identity file of which there is the public half only is used by way of the agent', { skip }, async (t) => {
  const directory = await folder(t);
  const key = makeKey(directory, 'token');
  const agentSocket = await agentWith(t, directory, [key]);
  await rm(key);
  const settings = settingsWith({ identityFiles: [`${key}.pub`], agentSocket, agentKeys: 'of-identity-files' });
  assert.deepEqual(await labels(settings), ['agent key token']);
  assert.deepEqual(await labels(settingsWith({ ...settings, identityFiles: [key] })), ['agent key token']);
});

test('a login works with a key that only the agent holds', { skip }, async (t) => {
  await using server = await ownServer();
  const agentSocket = await agentWith(t, server.directory, [join(server.directory, 'user_key')]);
  await rm(join(server.directory, 'user_key'));
  const lines = [`IdentityAgent ${agentSocket}`, 'IdentityFile none', 'IdentitiesOnly no'];
  const config = await server.connect(lines);
  await config.close();
  assert.deepEqual(server.log.authentications, ['publickey', 'publickey']);
});

for (const [claim, person] of [
  ['at a terminal it is waited for beyond the limit of the connection', scriptedPerson([])],
  ['without a terminal the limit goes on, and the key is told', undefined],
] as const) {
  test(`an agent that wants to be answered first is told to be waited for: ${claim}`, { skip }, async (t) => {
    await using server = await ownServer();
    const allow = join(server.directory, 'allow');
    await writeFile(allow, '#!/bin/sh\nsleep 2\n', { mode: 0o700 });
    const asking = { ...process.env, SSH_ASKPASS: allow, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
    const key = join(server.directory, 'user_key');
    const agentSocket = await agentWith(t, server.directory, [key], { environment: asking, flags: ['-c'] });
    await rm(key);
    const notes: string[] = [];
    const connect = sshConnect({
      sshConfigFile: await server.sshConfig([`IdentityAgent ${agentSocket}`, 'IdentityFile none', 'IdentitiesOnly no']),
      ...(person && { person }),
      note: (host, message) => notes.push(`${host}: ${message}`),
    });
    const login = connect({ name: 'own', address: 'own' }, { timeoutMs: 1500, signal: new AbortController().signal });
    if (person === undefined) {
      const [first, second] = await login.then(
        () => [],
        ({ problem }) => problem.tried,
      );
      assert.match(first, /^agent key /);
      assert.match(second, /^which gave no signature in time/);
    } else {
      await (await login).close();
    }
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /^own: waiting for the agent key .*: touch it, or answer the agent$/);
  });
}

test('keys that cannot be used are told with their reasons', async (t) => {
  const directory = await folder(t);
  const [encrypted, open] = ['encrypted', 'open'].map((name) => makeKey(directory, name));
  run('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', `${encrypted}`]);
  await chmod(`${open}`, 0o644);
  const broken = join(directory, 'broken');
  await writeFile(broken, 'no key at all', { mode: 0o600 });
  const agentSocket = join(directory, 'no-agent');
  const identityFiles = [`${encrypted}`, `${open}`, broken, `${open}.pub`, directory, join(directory, 'missing')];
  const certificateFiles = ['/k-cert.pub'];
  assert.deepEqual(await keysOf(settingsWith({ identityFiles, agentSocket, certificateFiles })), {
    offers: [],
    unusable: [
      { file: encrypted, said: 'encrypted, and the agent does not hold it: unlock it with ssh-add' },
      { file: open, said: 'others may read it (mode 0644): chmod 600 it' },
      { file: broken, said: 'Unsupported key format' },
      { file: `${open}.pub`, said: 'a public key, and the agent does not hold its private half' },
      { file: directory, said: 'EISDIR: illegal operation on a directory, read' },
      { file: '/k-cert.pub', said: 'only OpenSSH offers certificates' },
      { file: agentSocket, said: 'the agent: Failed to connect to agent' },
    ],
  });
});

test('a login with nothing but an encrypted key is key-unusable', async () => {
  await using server = await ownServer();
  const encrypted = makeKey(server.directory, 'encrypted');
  run('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', encrypted]);
  await rm(join(server.directory, 'user_key'));
  await assert.rejects(server.connect([`IdentityFile ${encrypted}`]), {
    problem: {
      code: 'key-unusable',
      file: encrypted,
      said: 'encrypted, and the agent does not hold it: unlock it with ssh-add',
    },
  });
});

test('RSA, ECDSA and PEM keys are usable', async (t) => {
  const directory = await folder(t);
  const rsa = makeKey(directory, 'rsa', ['-t', 'rsa', '-b', '2048']);
  const ecdsa = makeKey(directory, 'ecdsa', ['-t', 'ecdsa']);
  const pem = makeKey(directory, 'pem', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']);
  assert.deepEqual(await keysOf(settingsWith({ identityFiles: [rsa, ecdsa, pem] })), {
    offers: [rsa, ecdsa, pem],
    unusable: [],
  });
});

async function keysOf(settings: SshSettings) {
  const { offers, unusable } = await keyOffers(settings, new IdentityFiles());
  return { offers: offers.map(({ label }) => label.replace(/ \(SHA256:.*\)$/, '')), unusable };
}

async function labels(settings: SshSettings): Promise<readonly string[]> {
  return (await keysOf(settings)).offers;
}

function settingsWith(some: Partial<SshSettings>): SshSettings {
  return {
    hostname: 'web1',
    port: 22,
    user: 'root',
    addressFamily: 0,
    identityFiles: [],
    agentKeys: 'all',
    certificateFiles: [],
    userKnownHosts: [],
    globalKnownHosts: [],
    login: defaultLoginMethods,
    unknownHostKey: 'refuse',
    knownHostsNames: 'plain',
    beyondBuiltin: [],
    via: { kind: 'direct' },
    ...some,
  };
}

function makeKey(directory: string, name: string, kind: readonly string[] = ['-t', 'ed25519']): string {
  const file = join(directory, name);
  run('ssh-keygen', ['-q', ...kind, '-N', '', '-C', name, '-f', file]);
  return file;
}

async function agentWith(
  t: Undone,
  directory: string,
  keys: readonly (string | undefined)[],
  how: { readonly environment?: NodeJS.ProcessEnv; readonly flags?: readonly string[] } = {},
): Promise<string> {
  const socket = join(directory, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: how.environment ?? process.env,
  });
  t.after(() => agent.kill());
  // It prints its variables once it listens.
  await once(agent.stdout, 'data');
  for (const key of keys)
    run('ssh-add', [...(how.flags ?? []), '-q', `${key}`], { ...process.env, SSH_AUTH_SOCK: socket });
  return socket;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

async function folder(t: Undone): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'flurry-keys-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
