import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { offeredAlgorithms } from '../../src/ssh/algorithms.ts';
import { defaultLoginMethods, loginMethods } from '../../src/ssh/login-methods.ts';
import { resolveSettings } from '../../src/ssh/resolve.ts';
import { parseSshSettings } from '../../src/ssh/ssh-settings.ts';

// Printed by `ssh -G` of OpenSSH 9.2.
const captured = (host: string) => readFile(new URL(`captured/ssh-G-${host}`, import.meta.url), 'utf8');

test('all that a configuration asks for is taken over, with its tokens expanded', async () => {
  const { algorithms, ...settings } = parseSshSettings(await captured('full'), { FLURRY_KEYS: 'keys' });
  assert.deepEqual(settings, {
    hostname: 'a.example.org',
    port: 2222,
    user: 'deploy',
    hostKeyAlias: 'fleet',
    addressFamily: 6,
    bindAddress: '127.0.0.1',
    identityFiles: [join(homedir(), '.ssh/a.example.org_deploy'), '/tmp/with space/keys/k%'],
    agentKeys: 'of-identity-files',
    certificateFiles: ['/tmp/x-cert.pub'],
    userKnownHosts: ['/tmp/kh_a.example.org', '/tmp/with space/kh'],
    globalKnownHosts: [],
    login: defaultLoginMethods,
    beyondBuiltin: [],
    unknownHostKey: 'append',
    knownHostsNames: 'hashed',
    serverAlive: { intervalMs: 2000, countMax: 5 },
  });
  assert.deepEqual(algorithms?.ciphers, ['aes256-ctr', 'aes128-gcm@openssh.com']);
});

test('the word none means that there is none', async () => {
  const settings = parseSshSettings(await captured('nojump'), { FOO: '/run/foo.sock' });
  assert.deepEqual(settings.identityFiles, []);
  assert.equal(settings.agentSocket, '/run/foo.sock');
  assert.equal(settings.unknownHostKey, 'append');
  assert.equal(settings.serverAlive, undefined);
});

test('a configuration that turns the watch of ssh off leaves ours at its default', () => {
  const printed = 'hostname web1\nport 22\nuser root\nserveraliveinterval 5\nserveralivecountmax 0\n';
  assert.equal(parseSshSettings(printed, {}).serverAlive, undefined);
});

for (const [host, option, value] of [
  ['jump', 'proxyjump', 'bastion'],
  ['command', 'proxycommand', 'nc %h %p'],
  ['khc', 'knownhostscommand', '/bin/echo x'],
] as const) {
  test(`${option} is beyond the built-in transport, never ignored`, async () => {
    const printed = await captured(host);
    assert.deepEqual(parseSshSettings(printed, {}).beyondBuiltin, [{ option, value }]);
  });
}

test('a token that we do not know and a variable without value are refused', () => {
  const printed = (file: string) => `hostname web1\nport 22\nuser root\nidentityfile ${file}\n`;
  assert.throws(() => parseSshSettings(printed('/k/%C'), {}), {
    problem: { code: 'ssh-unsupported', option: 'identityfile', value: '/k/%C' },
  });
  assert.throws(() => parseSshSettings(printed(`/k/$${'{NONE}'}`), {}), {
    problem: { code: 'ssh-config', said: 'identityfile: the variable NONE has no value' },
  });
});

test('without an ssh program its plain defaults are taken, and a configuration file is refused', async () => {
  const options = { environment: { PATH: '/nonexistent' }, timeoutMs: 5000, signal: new AbortController().signal };
  const host = { name: 'Web1', address: 'Web1' };
  const settings = await resolveSettings(host, { ...options, sshConfigFile: undefined });
  assert.deepEqual(settings, {
    hostname: 'web1',
    port: 22,
    user: userInfo().username,
    addressFamily: 0,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(homedir(), '.ssh', name)),
    agentKeys: 'all',
    certificateFiles: [],
    userKnownHosts: [join(homedir(), '.ssh/known_hosts'), join(homedir(), '.ssh/known_hosts2')],
    globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    login: defaultLoginMethods,
    beyondBuiltin: [],
    unknownHostKey: 'ask',
    knownHostsNames: 'plain',
  });
  await assert.rejects(resolveSettings(host, { ...options, sshConfigFile: '/etc/x' }), {
    problem: { code: 'ssh-config', said: 'there is no ssh program here that could read /etc/x' },
  });
});

test('a broken configuration is told in the words of ssh', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-settings-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'config');
  await writeFile(file, 'NoSuchOption yes\n');
  const options = { environment: process.env, timeoutMs: 20_000, signal: new AbortController().signal };
  await assert.rejects(resolveSettings({ name: 'web1', address: 'web1' }, { ...options, sshConfigFile: file }), {
    problem: {
      code: 'ssh-config',
      said: `${file}: line 1: Bad configuration option: nosuchoption\n${file}: terminating, 1 bad configuration options`,
    },
  });
});

test('an ssh -G that does not come back is given up when the signal says so', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-settings-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'config');
  await writeFile(file, 'Match exec "sleep 60"\n');
  const reason = new Error('enough');
  const stop = new AbortController();
  const options = { environment: process.env, timeoutMs: 50_000, signal: stop.signal };
  const resolving = resolveSettings({ name: 'web1', address: 'web1' }, { ...options, sshConfigFile: file });
  stop.abort(reason);
  await assert.rejects(resolving, reason);
});

test('key types that are known for a host are offered first, and only what the configuration allows', async () => {
  const { algorithms } = parseSshSettings(await captured('full'), { FLURRY_KEYS: 'keys' });
  const offered = offeredAlgorithms(algorithms, ['ssh-rsa']);
  assert.deepEqual(offered.serverHostKey, [
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ]);
  assert.deepEqual(offered.cipher, ['aes128-gcm@openssh.com', 'aes256-ctr']);
});

test('algorithms that are post-quantum only are told as not supported', () => {
  const allowed = { kexalgorithms: ['mlkem768x25519-sha256'], hostkeyalgorithms: [], ciphers: [], macs: [] };
  assert.throws(() => offeredAlgorithms(allowed, []), {
    problem: { code: 'ssh-unsupported', option: 'kexalgorithms', value: 'mlkem768x25519-sha256' },
  });
});

test('the ways to log in are those of the configuration, in its order', () => {
  const ways = (options: Readonly<Record<string, string>>) => loginMethods((name) => options[name]);
  assert.deepEqual(ways({}), defaultLoginMethods);
  assert.deepEqual(
    ways({
      preferredauthentications: 'gssapi-with-mic,password,publickey,keyboard-interactive',
      kbdinteractiveauthentication: 'no',
      pubkeyauthentication: 'unbound',
      numberofpasswordprompts: '1',
      batchmode: 'yes',
    }),
    { order: ['password', 'publickey'], prompts: 1, asks: 'never' },
  );
  assert.deepEqual(ways({ pubkeyauthentication: 'false', passwordauthentication: 'no' }).order, [
    'keyboard-interactive',
  ]);
});
