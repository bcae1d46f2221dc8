import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { offeredAlgorithms } from '../../src/ssh/builtin/algorithms.ts';
import { defaultLoginMethods, loginMethods } from '../../src/ssh/settings/login-methods.ts';
import { jumpAddresses, sshResolver } from '../../src/ssh/settings/resolve.ts';
import { parseSshSettings } from '../../src/ssh/settings/ssh-settings.ts';

const never = new AbortController().signal;

interface Undone {
  after(undo: () => unknown): void;
}

// Printed by `ssh -G` of OpenSSH 9.2.
const captured = (host: string) => readFile(new URL(`captured/ssh-G-${host}`, import.meta.url), 'utf8');

test('all that a configuration asks for is taken over, with its tokens expanded', async () => {
  const { algorithms, ...settings } = parseSshSettings(await captured('full'), { FLURRY_KEYS: 'keys' });
  assert.deepEqual(settings, {
    hostname: 'a.example.org',
    alias: 'full',
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

test('a KnownHostsCommand is beyond the built-in transport, never ignored', async () => {
  const { beyondBuiltin } = parseSshSettings(await captured('khc'), {});
  assert.deepEqual(beyondBuiltin, [{ option: 'knownhostscommand', value: '/bin/echo x' }]);
});

const base = 'hostname 10.0.0.1\nport 22\nuser root\nhost web1\n';

test('jump hosts are the last one and those before it, with their tokens expanded', () => {
  const { proxyJump } = parseSshSettings(`${base}proxyjump a,%r@b:23,u@c-%n\n`, {});
  assert.deepEqual(proxyJump, { last: 'u@c-web1', before: 'a,root@b:23' });
});

test('a ProxyCommand is run as ssh runs it: in the shell of the user, which it replaces', () => {
  const printed = `${base}proxycommand nc -X 5 %h %p # %% ~ $HOME\n`;
  const command = 'exec nc -X 5 10.0.0.1 22 # % ~ $HOME';
  assert.deepEqual(parseSshSettings(printed, { SHELL: '/bin/fish' }).proxyCommand, {
    kind: 'command',
    command,
    shell: '/bin/fish',
  });
  assert.equal(parseSshSettings(printed, {}).proxyCommand?.shell, '/bin/sh');
  assert.deepEqual(parseSshSettings(`${printed}proxyusefdpass yes\n`, {}).beyondBuiltin, [
    { option: 'proxyusefdpass', value: 'yes' },
  ]);
  assert.throws(() => parseSshSettings(`${base}proxycommand nc %d\n`, {}), {
    problem: { code: 'ssh-config', said: 'proxycommand: nothing is known by %d' },
  });
});

test('the limit for connecting is taken over, unless flurry was given one', async (t) => {
  const file = await configuration(t, 'Host web1\n ConnectTimeout 7\n');
  const options = { sshConfigFile: file, environment: process.env } as const;
  const host = { name: 'web1', address: 'web1' };
  const limits = { timeoutMs: 20_000, signal: never };
  assert.equal((await sshResolver(options)(host, limits)).connectTimeoutMs, 7000);
  assert.equal((await sshResolver({ ...options, connectTimeout: 'given' })(host, limits)).connectTimeoutMs, undefined);
});

test('ssh is asked once for a host and once for each jump host, whoever asks, and a failure is kept', async (t) => {
  const { path, calls } = await countingSsh(t);
  const file = await configuration(t, 'Host web*\n ProxyJump one,two\nHost two\n User ada\nHost bad*\n ProxyJump %q\n');
  const resolve = sshResolver({ sshConfigFile: file, environment: { ...process.env, PATH: path } });
  const ask = (address: string) => resolve({ name: address, address }, { timeoutMs: 20_000, signal: never });
  const all = await Promise.all([ask('web1'), ask('web2'), ask('web1')]);
  await ask('web1');
  assert.deepEqual(
    all.map(({ via }) => jumpAddresses(via)),
    [
      ['two', 'one'],
      ['two', 'one'],
      ['two', 'one'],
    ],
  );
  assert.equal(all[0]?.via.kind === 'jump' && all[0].via.jump.settings.user, 'ada');
  const asked = (await calls()).map((line) => line.replace(`-T -G -F ${file} `, ''));
  assert.deepEqual(asked.toSorted(), ['-- one', '-- web1', '-- web2', '-J one -- two']);
  await assert.rejects(ask('bad1'), { message: 'ssh-config' });
  await assert.rejects(ask('bad1'), { message: 'ssh-config' });
  assert.equal((await calls()).filter((line) => line.endsWith('-- bad1')).length, 1);
});

test('jump hosts that lead back to themselves are told, with the way', async (t) => {
  const file = await configuration(t, 'Host a\n ProxyJump b\nHost b\n ProxyJump c\nHost c\n ProxyJump b\n');
  const resolve = sshResolver({ sshConfigFile: file, environment: process.env });
  await assert.rejects(resolve({ name: 'a', address: 'a' }, { timeoutMs: 20_000, signal: never }), {
    problem: { code: 'jump-loop', hosts: ['a', 'b', 'c', 'b'] },
  });
});

test('a token that we do not know and a variable without value are refused', () => {
  const printed = (file: string) => `hostname web1\nport 22\nuser root\nidentityfile ${file}\n`;
  assert.throws(() => parseSshSettings(printed('/k/%C'), {}), {
    problem: { code: 'ssh-unsupported', option: 'identityfile', value: '/k/%C' },
  });
  assert.throws(() => parseSshSettings(printed(`/k/$${'{NONE}'}`), {}), {
    problem: { code: 'ssh-config', said: 'identityfile: the variable NONE has no value' },
  });
});

test('without an ssh program its plain defaults are taken, which is said once, and what was asked of ssh is refused', async () => {
  const environment = { PATH: '/nonexistent' };
  const limits = { timeoutMs: 5000, signal: never };
  const host = { name: 'Web1', address: 'Web1' };
  const told: string[] = [];
  const resolve = sshResolver({ environment, withoutSsh: (name) => told.push(name) });
  const settings = await resolve(host, limits);
  await resolve({ name: 'web2', address: 'web2' }, limits);
  assert.deepEqual(told, ['Web1']);
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
    via: { kind: 'direct' },
  });
  for (const [wish, options] of [
    ['/etc/x', { sshConfigFile: '/etc/x', environment }],
    ['--ssh-option', { sshOptions: ['Port=1'], environment }],
    ['NIX_SSHOPTS', { environment: { ...environment, NIX_SSHOPTS: '-p 1' } }],
  ] as const) {
    await assert.rejects(sshResolver(options)(host, limits), {
      problem: { code: 'ssh-config', said: `there is no ssh program here that could read ${wish}` },
    });
  }
});

test('a broken configuration is told in the words of ssh', async (t) => {
  const file = await configuration(t, 'NoSuchOption yes\n');
  const resolve = sshResolver({ sshConfigFile: file, environment: process.env });
  await assert.rejects(resolve({ name: 'web1', address: 'web1' }, { timeoutMs: 20_000, signal: never }), {
    problem: {
      code: 'ssh-config',
      said: `${file}: line 1: Bad configuration option: nosuchoption\n${file}: terminating, 1 bad configuration options`,
    },
  });
});

test('an ssh -G that does not come back is given up when all who wait for it do', async (t) => {
  const resolve = sshResolver({
    sshConfigFile: await configuration(t, 'Match exec "sleep 60"\n'),
    environment: process.env,
  });
  const ask = (signal: AbortSignal) => resolve({ name: 'web1', address: 'web1' }, { timeoutMs: 50_000, signal });
  const [reason, first, second] = [new Error('enough'), new AbortController(), new AbortController()];
  const [one, other] = [ask(first.signal), ask(second.signal)];
  first.abort(reason);
  await assert.rejects(one, reason);
  second.abort(reason);
  await assert.rejects(other, reason);
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

async function configuration(t: Undone, text: string): Promise<string> {
  const file = join(await folder(t), 'config');
  await writeFile(file, text);
  return file;
}

/** An `ssh` that writes down what it was asked for, and asks the real one. */
async function countingSsh(t: Undone) {
  const directory = await folder(t);
  const log = join(directory, 'calls');
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\nexec '${execFileSync('which', ['ssh'], { encoding: 'utf8' }).trim()}' "$@"\n`;
  await writeFile(join(directory, 'ssh'), script, { mode: 0o700 });
  const calls = async () => (await readFile(log, 'utf8')).trimEnd().split('\n');
  return { path: `${directory}:${process.env['PATH']}`, calls };
}

async function folder(t: Undone): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-settings-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
