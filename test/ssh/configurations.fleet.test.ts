import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import pLimit from 'p-limit';
import { problemOf } from '../../src/core/problem.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { poll } from '../fleet/poll.ts';
import { keyPair } from './own-server.ts';
import { secondSshd } from './second-sshd.ts';

/** What configurations are made of; files are of one run of one case. */
interface Parts {
  /** The address of the host `t`, and of the hosts `one` and `two` through which it may be reached. */
  readonly t: string;
  readonly one: string;
  readonly two: string;
  /** The true host key of `t`, as known_hosts has it. */
  readonly key: string;
  /** Another key, that no host has and that no host lets in. */
  readonly otherKey: string;
  readonly otherIdentity: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly agent: string;
  /** The configuration itself. */
  readonly config: string;
  /** A program that carries a connection, as nc does. */
  readonly nc: string;
  /** Gives the path of a file with this content. */
  readonly file: (name: string, content: string) => string;
}

interface Case {
  readonly claim: string;
  /** Of `t`, before what all have: address, port, user, key and the host keys of the fleet. */
  readonly entry?: (parts: Parts) => readonly string[];
  /** Before all entries. */
  readonly first?: (parts: Parts) => readonly string[];
  /** Typed instead of `t`. */
  readonly host?: string;
  readonly user?: string;
  /** Options that all have, and this one has not. */
  readonly without?: readonly string[];
  readonly works: 'yes' | 'no';
}

const cases: readonly Case[] = [
  { claim: 'an alias with HostName, Port, User and IdentityFile', works: 'yes' },
  { claim: 'another user, typed', user: 'bob', works: 'yes' },
  { claim: 'a user that does not exist', user: 'nobody-there', works: 'no' },
  { claim: 'User', entry: () => ['User alice'], works: 'yes' },
  { claim: 'a port on which nobody listens', entry: () => ['Port 2299'], works: 'no' },
  { claim: 'a name without address', entry: () => ['HostName no-such-host.invalid'], works: 'no' },
  { claim: 'Match host', first: () => ['Match host t', 'User nobody-there'], works: 'no' },
  { claim: 'Match user, typed', user: 'bob', first: () => ['Match user bob', 'Port 2299'], works: 'no' },
  { claim: 'Match user, of another one', first: () => ['Match user bob', 'Port 2299'], works: 'yes' },
  { claim: 'Match exec', first: () => ['Match originalhost t exec "test %n = t"', 'User nobody-there'], works: 'no' },
  { claim: 'Match exec that fails', first: () => ['Match exec "false"', 'User nobody-there'], works: 'yes' },
  { claim: 'Include', first: ({ file }) => [`Include ${file('inc', 'Host t\n Port 2299\n')}`], works: 'no' },
  { claim: 'a broken line', first: () => ['NoSuchOption yes'], works: 'no' },
  {
    claim: 'IdentityFile with ~ and tokens',
    entry: ({ file, identity }) => [`IdentityFile ${file('k-t', '').replace(/t$/, '%n')}`, `IdentityFile ${identity}`],
    works: 'yes',
  },
  { claim: 'a wrong key before the right one', entry: (p) => [`IdentityFile ${p.otherIdentity}`], works: 'yes' },
  {
    claim: 'only a wrong key',
    entry: (p) => [`IdentityFile ${p.otherIdentity}`],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'the agent',
    entry: (p) => [`IdentityAgent ${p.agent}`, 'IdentitiesOnly no'],
    works: 'yes',
    without: ['IdentityFile'],
  },
  {
    claim: 'IdentitiesOnly with a wrong key, the right one in the agent',
    entry: (p) => [`IdentityAgent ${p.agent}`, `IdentityFile ${p.otherIdentity}`],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'IdentityAgent none',
    entry: () => ['IdentityAgent none', 'IdentitiesOnly no'],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'an IdentityAgent that is not there, and a key file',
    entry: () => ['IdentityAgent /nonexistent/agent'],
    works: 'yes',
  },
  {
    claim: 'HostKeyAlias',
    entry: (p) => ['HostKeyAlias fleet', `UserKnownHostsFile ${p.file('kh', `fleet ${p.key}\n`)}`],
    works: 'yes',
  },
  { claim: 'HostKeyAlias that nobody knows', entry: () => ['HostKeyAlias fleet'], works: 'no' },
  {
    claim: 'several known-hosts files, the right one last',
    entry: (p) => [`UserKnownHostsFile /nonexistent ${p.file('e', '')} ${p.knownHosts}`],
    works: 'yes',
  },
  {
    claim: 'the global known-hosts file alone',
    entry: (p) => ['UserKnownHostsFile none', `GlobalKnownHostsFile ${p.knownHosts}`],
    works: 'yes',
  },
  {
    claim: '[host]:port in known_hosts',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.t}]:2200 ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: '[host]:port of another port',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.t}]:22 ${p.key}\n`)}`],
    works: 'no',
  },
  {
    claim: 'a pattern in known_hosts',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `*,!10.9.9.9 ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: 'a pattern that takes the host out',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `*,!${p.t},!\\[${p.t}\\]:2200,![${p.t}]:2200 ${p.key}\n`)}`],
    works: 'no',
  },
  { claim: 'an unknown host, strict', entry: () => ['UserKnownHostsFile none'], works: 'no' },
  {
    claim: 'an unknown host, to be asked',
    entry: () => ['UserKnownHostsFile none', 'StrictHostKeyChecking ask'],
    works: 'no',
  },
  {
    claim: 'an unknown host, accept-new',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking accept-new'],
    works: 'yes',
  },
  {
    claim: 'an unknown host, accept-new and hashed',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking accept-new', 'HashKnownHosts yes'],
    works: 'yes',
  },
  {
    claim: 'an unknown host, not strict',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking no'],
    works: 'yes',
  },
  {
    claim: 'a changed key',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.t}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  {
    claim: 'a changed key, accept-new',
    entry: (p) => [
      `UserKnownHostsFile ${p.file('kh', `[${p.t}]:2200 ${p.otherKey}\n`)}`,
      'StrictHostKeyChecking accept-new',
    ],
    works: 'no',
  },
  {
    claim: 'the true key beside another one',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `${p.t} ${p.otherKey}\n${p.t} ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: '@revoked',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `@revoked * ${p.key}\n`)} ${p.knownHosts}`],
    works: 'no',
  },
  { claim: 'AddressFamily inet', entry: () => ['AddressFamily inet'], works: 'yes' },
  {
    claim: 'AddressFamily inet6, and the address is of the other one',
    entry: () => ['AddressFamily inet6'],
    works: 'no',
  },
  {
    claim: 'ConnectTimeout, and nobody answers',
    entry: (p) => [`HostName ${p.t.replace(/\d+$/, '254')}`, 'ConnectTimeout 1'],
    works: 'no',
  },
  { claim: 'ConnectTimeout, and the host answers', entry: () => ['ConnectTimeout 20'], works: 'yes' },
  { claim: 'BindAddress that is not ours', entry: () => ['BindAddress 192.0.2.1'], works: 'no' },
  { claim: 'ServerAliveInterval', entry: () => ['ServerAliveInterval 1', 'ServerAliveCountMax 2'], works: 'yes' },
  { claim: 'keyboard-interactive only', entry: () => ['PreferredAuthentications keyboard-interactive'], works: 'no' },
  { claim: 'no keys', entry: () => ['PubkeyAuthentication no'], works: 'no' },
  { claim: 'Ciphers', entry: () => ['Ciphers chacha20-poly1305@openssh.com,aes256-ctr'], works: 'yes' },
  { claim: 'ProxyJump', entry: () => ['ProxyJump one'], works: 'yes' },
  { claim: 'ProxyJump over two', entry: () => ['ProxyJump one,two'], works: 'yes' },
  {
    claim: 'ProxyJump of the jump host itself',
    entry: () => ['ProxyJump two'],
    first: () => ['Host two', 'ProxyJump one'],
    works: 'yes',
  },
  {
    claim: 'ProxyJump as another user, with a port, by address',
    entry: (p) => [`ProxyJump alice@${p.one}:2200`],
    works: 'yes',
  },
  { claim: 'ProxyJump with tokens', entry: () => ['ProxyJump %r@one'], works: 'yes' },
  {
    claim: 'ProxyJump none before a ProxyJump',
    entry: () => ['ProxyJump none', 'ProxyJump nowhere.invalid'],
    works: 'yes',
  },
  { claim: 'ProxyJump before a ProxyCommand', entry: () => ['ProxyJump one', 'ProxyCommand false'], works: 'yes' },
  {
    claim: 'ProxyJump to a bastion that is not there',
    entry: () => ['ProxyJump one'],
    first: () => ['Host one', 'Port 2299'],
    works: 'no',
  },
  {
    claim: 'ProxyJump, the second of two is not there',
    entry: () => ['ProxyJump one,two'],
    first: () => ['Host two', 'Port 2299'],
    works: 'no',
  },
  { claim: 'ProxyJump to a bastion that lets nobody in', entry: () => ['ProxyJump nobody-there@one'], works: 'no' },
  {
    claim: 'ProxyJump to a bastion whose key is unknown',
    entry: () => ['ProxyJump one'],
    first: () => ['Host one', 'UserKnownHostsFile none'],
    works: 'no',
  },
  {
    claim: 'ProxyJump to a bastion whose key has changed',
    entry: () => ['ProxyJump one'],
    first: (p) => ['Host one', `UserKnownHostsFile ${p.file('kh', `[${p.one}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  { claim: 'ProxyJump, and the host is not there', entry: () => ['ProxyJump one', 'Port 2299'], works: 'no' },
  {
    claim: 'ProxyJump, and the key of the host behind it has changed',
    entry: (p) => ['ProxyJump one', `UserKnownHostsFile ${p.file('kh', `[${p.t}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  { claim: 'ProxyJump of no sense', entry: () => ['ProxyJump a@b@:x'], works: 'no' },
  { claim: 'ProxyCommand ssh -W', entry: (p) => [`ProxyCommand ssh -F ${p.config} -W %h:%p two`], works: 'yes' },
  { claim: 'ProxyCommand nc', entry: (p) => [`ProxyCommand ${p.nc} %h %p`], works: 'yes' },
  {
    claim: 'ProxyCommand with a pipe and quotes',
    entry: (p) => [`ProxyCommand sh -c '${p.nc} "$1" 2200 | cat' -- "%h"`],
    works: 'yes',
  },
  { claim: 'ProxyCommand with a token that is none', entry: (p) => [`ProxyCommand ${p.nc} %h %d`], works: 'no' },
  { claim: 'ProxyCommand that fails', entry: () => ['ProxyCommand echo no way >&2; exit 3'], works: 'no' },
  { claim: 'ProxyCommand none', entry: () => ['ProxyCommand none', 'ProxyCommand false'], works: 'yes' },
];

const options = {
  skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …',
};

test(
  `ssh -o BatchMode=yes and flurry reach a host, or refuse it, alike: ${cases.length} configurations`,
  options,
  withHosts(3, async (lease) => {
    const [target, one, two] = lease.hosts;
    assert.ok(target && one && two);
    await using _t = await secondSshd(lease, target);
    await using _one = await secondSshd(lease, one);
    await using _two = await secondSshd(lease, two);
    await using agent = await agentWith(lease);
    const base = await partsOf(lease, { target, one, two }, agent.socket);
    const inTurn = pLimit(4);
    const found = await Promise.all(
      cases.map((each, index) =>
        inTurn(async () => {
          const place = (who: string) => join(lease.directory, `case-${index}-${who}`);
          const [ssh, ours] = await Promise.all([
            viaSsh(await configuration(each, base, place('ssh')), each),
            viaFlurry(await configuration(each, base, place('ours')), each),
          ]);
          return { claim: each.claim, works: each.works === 'yes', ssh, ours };
        }),
      ),
    );
    const unlike = found.filter(({ works, ssh, ours }) => (ssh === 'works') !== works || (ours === 'works') !== works);
    assert.deepEqual(unlike, []);
  }),
);

/** `works`, or what ssh said. */
async function viaSsh(config: string, { user, host = 't' }: Case): Promise<string> {
  const args = ['-F', config, '-o', 'BatchMode=yes', ...(user === undefined ? [] : ['-l', user]), host, 'true'];
  return await new Promise((resolve) => {
    execFile('ssh', args, { timeout: 60_000 }, (error, _stdout, stderr) =>
      resolve(error === null ? 'works' : `${error.code}: ${stderr}`),
    );
  });
}

/** `works`, or the problem. */
async function viaFlurry(sshConfigFile: string, { user, host = 't' }: Case): Promise<string> {
  const signal = new AbortController().signal;
  try {
    const connect = sshConnect({ sshConfigFile });
    const named = { name: host, address: host, ...(user === undefined ? {} : { user }) };
    const session = await connect(named, { timeoutMs: 30_000, signal });
    try {
      const channel = await session.openShell('user', signal);
      channel.stderr.resume();
      channel.stdin.end('echo ok\n');
      const [out] = await Promise.all([text(channel.stdout), channel.ended]);
      return out === 'ok\n' ? 'works' : out;
    } finally {
      await session.close();
    }
  } catch (error) {
    return JSON.stringify(problemOf(error));
  }
}

/** Writes the configuration of one run of a case into a folder of its own. */
async function configuration(each: Case, base: Omit<Parts, 'config' | 'file'>, directory: string): Promise<string> {
  await mkdir(directory);
  const files = new Map<string, string>();
  const config = join(directory, 'config');
  const parts: Parts = {
    ...base,
    config,
    file: (name, content) => {
      files.set(join(directory, name), content);
      return join(directory, name);
    },
  };
  const entry = (name: string, own: readonly string[], address: string) => [
    `Host ${name}`,
    ...own,
    `HostName ${address}`,
    'Port 2200',
    'User root',
    `IdentityFile ${base.identity}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${base.knownHosts}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
  ];
  const kept = entry('t', [], base.t)
    .slice(1)
    .filter((line) => !(each.without ?? []).some((option) => line.startsWith(`${option} `)));
  const lines = [
    ...(each.first?.(parts) ?? []),
    'Host t',
    ...(each.entry?.(parts) ?? []),
    ...kept,
    ...entry(`one ${base.one}`, [], base.one),
    ...entry('two', [], base.two),
  ];
  files.set(config, `${lines.join('\n')}\n`);
  for (const [path, content] of files) await writeFile(path, content, { mode: 0o600 });
  return config;
}

async function partsOf(
  lease: Lease,
  { target, one, two }: Readonly<Record<'target' | 'one' | 'two', HostHandle>>,
  agent: string,
): Promise<Omit<Parts, 'config' | 'file'>> {
  const known = await readFile(lease.knownHosts, 'utf8');
  const line = known.split('\n').find((each) => each.startsWith(`${target.name},`)) ?? '';
  const otherIdentity = join(lease.directory, 'other_key');
  await writeFile(otherIdentity, keyPair().private, { mode: 0o600 });
  const nc = join(lease.directory, 'nc');
  await writeFile(
    nc,
    `#!${process.execPath}
const [host, port] = process.argv.slice(2);
const socket = require('node:net').connect({ host, port: Number(port) });
process.stdin.pipe(socket).pipe(process.stdout);
`,
    { mode: 0o700 },
  );
  return {
    t: target.address,
    one: one.address,
    two: two.address,
    key: line.slice(line.indexOf(' ') + 1),
    otherKey: `ssh-ed25519 ${keyPair().blob.toString('base64')}`,
    otherIdentity,
    identity: lease.identity,
    knownHosts: lease.knownHosts,
    agent,
    nc,
  };
}

async function agentWith(lease: Lease): Promise<AsyncDisposable & { readonly socket: string }> {
  const socket = join(lease.directory, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const add = (): Promise<true | undefined> =>
    new Promise((resolve) => {
      execFile('ssh-add', [lease.identity], { env: { ...process.env, SSH_AUTH_SOCK: socket } }, (error) =>
        resolve(error === null ? true : undefined),
      );
    });
  await poll(add, { what: 'the agent has the key', limitMs: 10_000, everyMs: 50 });
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      agent.kill();
    },
  };
}
