import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { keyPair } from '../ssh/own-server.ts';

// Hosts that answer `flurry check`, `status`, and a deployment for which they have nothing to do, in the words of a real
// host (captured/), many to a process, each a server on an address of its own (127.x.y.z: Linux). Started by simulated-fleet.ts:
//   tsx test/bench/simulated-hosts.ts FOLDER KIND...
const port = 2222;
const slowMs = 2000;
const captured = await Promise.all(
  ['observe', 'status'].map((name) => readFile(new URL(`./captured/${name}`, import.meta.url), 'utf8')),
);
const [observed = '', status = ''] = captured;

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
const lastDeployment = '20261130T094512Z-180c';
let releases: Readonly<Record<string, unknown>> | undefined;
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

/** Answers when the whole script has come. */
function answerLook(channel: ServerChannel, name: string, kind: Kind): void {
  let script = '';
  channel.on('error', () => {});
  channel.setEncoding('utf8').on('data', (text: string) => {
    script += text;
  });
  channel.on('end', () => {
    const mark = /(flurry-[0-9a-f]+)-begin/.exec(script)?.[1];
    const answer = answerTo(script);
    if (kind === 'unanswering') return;
    if (mark === undefined || answer === undefined) {
      channel.stderr.end('a simulated host does not know this question\n');
      channel.exit(127);
      channel.end();
      return;
    }
    const lines = ['', `${mark}-begin`, ...asOf(name, kind, answer), '', `${mark}-end 0`, ''];
    setTimeout(
      () => {
        channel.write(lines.join('\n'));
        channel.exit(0);
        channel.end();
      },
      kind === 'slow' ? slowMs : 0,
    );
  });
}

/** By a line that only the one script has. */
function answerTo(script: string): string | undefined {
  if (script.includes('say kernel-bytes')) return observed;
  return script.includes('say generation') ? status : undefined;
}

/** What the captured host said, in the name of this one; last it was brought to its release of releases.json, if that is there. */
function asOf(name: string, kind: Kind, answer: string): readonly string[] {
  return answer
    .replaceAll('-nixos-system-web1-', `-nixos-system-${name}-`)
    .replace('hostname web1', `hostname ${name}`)
    .replace('system-state running', kind === 'degraded' ? 'system-state degraded\nfailed-unit web.service' : '$&')
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.includes(lastDeployment)
        ? line.replace(/"release":(\{.*?\})/, (_, told) => `"release":${releaseOf(name) ?? told}`)
        : line,
    );
}

function releaseOf(name: string): string | undefined {
  const file = join(folder, 'releases.json');
  releases ??= existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return releases === undefined ? undefined : JSON.stringify(releases[name]);
}
