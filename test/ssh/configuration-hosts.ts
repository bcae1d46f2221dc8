import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { poll } from '../fleet/poll.ts';
import { type Parts, ports } from './configuration-cases.ts';
import { keyPair } from './own-server.ts';

/** What all cases have in common. */
export type CommonParts = Omit<Parts, 't' | 'one' | 'two' | 'three' | 'config' | 'file'>;

const run = promisify(execFile);

/** Starts the sshds and agents of the table on the three hosts of a lease, and makes its keys and certificates. */
export async function configurationHosts(lease: Lease): Promise<AsyncDisposable & { readonly parts: CommonParts }> {
  const [t, one, two] = lease.hosts;
  assert.ok(t && one && two);
  const keys = await certificates(lease);
  const certified = [
    'TrustedUserCAKeys=/run/ca.pub',
    'AuthorizedKeysFile=none',
    'HostCertificate=/run/host-cert.pub',
  ] as const;
  const postQuantum = 'KexAlgorithms=mlkem768x25519-sha256,sntrup761x25519-sha512@openssh.com';
  await Promise.all([vouchFor(t, keys), vouchFor(one, keys)]);
  await Promise.all([
    startSshd(t, ports.usual),
    startSshd(t, ports.certified, certified),
    startSshd(t, ports.postQuantum, [postQuantum]),
    startSshd(one, ports.usual),
    startSshd(one, ports.certified, certified),
    startSshd(one, ports.noForwarding, ['AllowTcpForwarding=no']),
    startSshd(two, ports.usual),
    startSshd(two, ports.postQuantum, [postQuantum]),
  ]);
  const agent = await agentWith(join(lease.directory, 'agent'), [lease.identity, keys.uncertified]);
  const certificateAgent = await agentWith(join(lease.directory, 'certificate-agent'), [keys.certified]);
  return {
    parts: {
      ...(await ownKeys(lease, t)),
      ...(await programs(lease.directory)),
      at: { t: t.address, one: one.address, two: two.address },
      knownHosts: lease.knownHosts,
      agent: agent.socket,
      certified: keys.certified,
      uncertified: keys.uncertified,
      certificate: keys.certificate,
      expiredCertificate: keys.expiredCertificate,
      certificateAgent: certificateAgent.socket,
      authority: keys.authority,
    },
    [Symbol.asyncDispose]: async () => {
      agent.stop();
      certificateAgent.stop();
      await Promise.all([t, one, two].map((host) => host.inside("systemctl stop 'table-sshd-*'")));
    },
  };
}

/** Bad logins of one case must not close the door for others, nor many at once; and keys are agreed upon cheaply. */
async function startSshd(host: HostHandle, port: number, options: readonly string[] = []): Promise<void> {
  const all = [
    ...[`Port=${port}`, ...options],
    ...['PerSourcePenalties=no', 'MaxStartups=200', 'PidFile=none', 'KexAlgorithms=curve25519-sha256'],
  ];
  const log = `/run/table-sshd-${port}.log`;
  await host.inside(
    `log=$1 unit=$2; shift 2; rm -f "$log"
     systemd-run --quiet --collect --unit="$unit" /usr/sbin/sshd -D -E "$log" "$@"`,
    [log, `table-sshd-${port}`, ...all.flatMap((option) => ['-o', option])],
  );
  await host.waitUntil(`sshd listens on ${port}`, `grep -q '^Server listening on 0.0.0.0' ${log}`, 20_000);
}

async function ownKeys(lease: Lease, host: HostHandle) {
  const known = await readFile(lease.knownHosts, 'utf8');
  const line = known.split('\n').find((each) => each.startsWith(`${host.name},`)) ?? '';
  const otherIdentity = join(lease.directory, 'other_key');
  await writeFile(otherIdentity, keyPair().private, { mode: 0o600 });
  const publicIdentity = join(lease.directory, 'identity.pub');
  await writeFile(publicIdentity, (await run('ssh-keygen', ['-y', '-f', lease.identity])).stdout);
  return {
    key: line.slice(line.indexOf(' ') + 1),
    otherKey: `ssh-ed25519 ${keyPair().blob.toString('base64')}`,
    otherIdentity,
    identity: lease.identity,
    publicIdentity,
  };
}

async function programs(directory: string) {
  const nc = join(directory, 'nc');
  const connect = `#!${process.execPath}
const [host, port] = process.argv.slice(2);
const socket = require('node:net').connect({ host, port: Number(port) });
process.stdin.pipe(socket).pipe(process.stdout);
`;
  await writeFile(nc, connect, { mode: 0o700 });
  const handOver = join(directory, 'hand-over');
  const handOverProgram = `#!/usr/bin/env python3
import array, socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
descriptor = array.array('i', [connection.fileno()])
socket.socket(fileno=1).sendmsg([b'\\0'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
`;
  await writeFile(handOver, handOverProgram, { mode: 0o700 });
  return { nc, handOver };
}

type Certificates = Awaited<ReturnType<typeof certificates>>;

/** An authority, and a key that it vouches for: in one folder with its certificate beside, in another one without. */
async function certificates({ directory }: Lease) {
  const at = (name: string): string => join(directory, 'keys', name);
  for (const place of ['.', 'with', 'without', 'expired']) await mkdir(at(place), { recursive: true });
  const keygen = (...args: readonly string[]) => run('ssh-keygen', ['-q', ...args]);
  for (const name of ['ca', 'with/user']) await keygen('-t', 'ed25519', '-N', '', '-f', at(name));
  for (const place of ['without', 'expired']) {
    for (const name of ['user', 'user.pub']) await copyFile(at(`with/${name}`), at(`${place}/${name}`));
  }
  const sign = ['-s', at('ca'), '-I', 'someone', '-n', 'root'] as const;
  await keygen(...sign, at('with/user.pub'));
  await keygen(...sign, '-V', '-2d:-1d', at('expired/user.pub'));
  return {
    certified: at('with/user'),
    uncertified: at('without/user'),
    certificate: at('with/user-cert.pub'),
    expiredCertificate: at('expired/user-cert.pub'),
    authority: (await readFile(at('ca.pub'), 'utf8')).trim(),
    /** Gives the certificate for a host's key. */
    forHost: async (host: HostHandle): Promise<string> => {
      const key = at(`${host.name}.pub`);
      await writeFile(key, (await host.inside('cat /etc/ssh/ssh_host_ed25519_key.pub')).stdout);
      await keygen('-s', at('ca'), '-I', 'a host', '-h', '-n', host.address, key);
      return await readFile(at(`${host.name}-cert.pub`), 'utf8');
    },
  };
}

async function vouchFor(host: HostHandle, { authority, forHost }: Certificates): Promise<void> {
  const files = [authority, await forHost(host)];
  await host.inside('printf "%s\\n" "$1" >/run/ca.pub; printf %s "$2" >/run/host-cert.pub', files);
}

async function agentWith(
  socket: string,
  keys: readonly string[],
): Promise<{ readonly socket: string; readonly stop: () => void }> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const add = (): Promise<true | undefined> =>
    run('ssh-add', [...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket } }).then(
      () => true,
      () => undefined,
    );
  await poll(add, { what: 'the agent has the keys', limitMs: 10_000, everyMs: 50 });
  return { socket, stop: () => void agent.kill() };
}
