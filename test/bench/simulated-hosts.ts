import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { keyPair } from '../ssh/own-server.ts';

// Hosts that answer `flurry check` in the words of observe.sh, many to a process, each a server on an address of its own
// (127.x.y.z: Linux). Started by simulated-fleet.ts:
//   tsx test/bench/simulated-hosts.ts FOLDER KIND...
const port = 2222;
const slowMs = 2000;
const toplevel = '/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-simulated-26.05';

/** How a host behaves; `silent` takes a connection and says nothing, at `refusing` ones nobody listens. */
export const kinds = ['well', 'slow', 'degraded', 'silent', 'refusing', 'unanswering'] as const;
type Kind = (typeof kinds)[number];

// Real hosts take no time of the machine that deploys.
setPriority(10);
const [folder = '', ...given] = process.argv.slice(2);
const hosts = given.map((word, index) => {
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw new Error(`${word} is no kind of host`);
  return { name: `host-${String(index + 1).padStart(3, '0')}`, address: addressOf(index + 1), kind };
});
const hostKey = keyPair();
const userKey = keyPair();
const open = new Set<Socket>();
let most = 0;
let connections = 0;

await Promise.all(hosts.map(listen));
await writeFile(join(folder, 'key'), userKey.private, { mode: 0o600 });
const known = hosts.map(({ address }) => `[${address}]:${port} ssh-ed25519 ${hostKey.blob.toString('base64')}\n`);
await writeFile(join(folder, 'known_hosts'), known.join(''));
const entries = hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
const shared = [
  'Host *',
  `Port ${port}`,
  'User root',
  `IdentityFile ${join(folder, 'key')}`,
  'IdentitiesOnly yes',
  'IdentityAgent none',
  `UserKnownHostsFile ${join(folder, 'known_hosts')}`,
  'GlobalKnownHostsFile none',
];
await writeFile(join(folder, 'ssh_config'), [...entries, `${shared.join('\n  ')}\n`].join(''));
process.send?.('ready');
process.on('message', () => process.send?.({ connections, most, open: open.size }));
process.on('disconnect', () => process.exit());

function addressOf(number: number): string {
  return `127.${100 + (process.pid % 100)}.${Math.floor(number / 250)}.${(number % 250) + 1}`;
}

async function listen({ name, address, kind }: (typeof hosts)[number]): Promise<void> {
  if (kind === 'refusing') return;
  const server = new ssh2.Server({ hostKeys: [hostKey.private], ident: 'OpenSSH_9.9' }, (connection) =>
    serve(connection, name, kind),
  );
  const door = createServer((socket) => {
    connections += 1;
    open.add(socket);
    most = Math.max(most, open.size);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    if (kind === 'silent') socket.resume();
    else server.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.listen(port, address, resolve);
  });
}

function serve(connection: Connection, name: string, kind: Kind): void {
  connection.on('error', () => {});
  connection.on('authentication', (context) => {
    const isOurs = context.method === 'publickey' && context.key.data.equals(userKey.blob);
    if (isOurs) context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept) => {
    accept().on('exec', (answer) => answerLook(answer(), name, kind));
  });
}

/** Answers when the whole script has come, which is known by its last line. */
function answerLook(channel: ServerChannel, name: string, kind: Kind): void {
  let script = '';
  channel.on('error', () => {});
  channel.setEncoding('utf8').on('data', (text: string) => {
    script += text;
  });
  channel.on('end', () => {
    const mark = /(flurry-[0-9a-f]+)-begin/.exec(script)?.[1];
    if (kind === 'unanswering') return;
    if (mark === undefined || !script.includes('say system-state')) {
      channel.stderr.end('a simulated host knows one question only\n');
      channel.exit(127);
      channel.end();
      return;
    }
    const answer = ['', `${mark}-begin`, ...lookOf(name, kind), '', `${mark}-end 0`, ''].join('\n');
    setTimeout(
      () => {
        channel.write(answer);
        channel.exit(0);
        channel.end();
      },
      kind === 'slow' ? slowMs : 0,
    );
  });
}

function lookOf(name: string, kind: Kind): readonly string[] {
  return [
    ...['user root', 'seen-as root', 'elevated-by /run/current-system/sw/bin/sudo'],
    ...(kind === 'degraded' ? ['system-state degraded', 'failed-unit web.service'] : ['system-state running']),
    ...[`hostname ${name}`, 'machine-id 0123456789abcdef0123456789abcdef'],
    ...['boot-id 01234567-89ab-cdef-0123-456789abcdef', 'machine x86_64', 'kernel 6.12.1', 'memory-kib 2000000'],
    ...['systemd-version 258', 'nix-version 2.31.2', 'nixos yes'],
    ...[`running ${toplevel}`, `booted ${toplevel}`, `profile ${toplevel}`, `boot-default systemd-boot ${toplevel}`],
    ...['nix-space-kib 40000000 80000000', 'boot-space-kib 400000 500000', 'kernel-bytes 60000000'],
  ];
}
