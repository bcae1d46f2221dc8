import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Session } from '../../src/core/ports.ts';
import { problemOf } from '../../src/core/problem.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { poll } from '../fleet/poll.ts';
import { freePort, type OwnServer, ownServer } from './own-server.ts';

const never = new AbortController().signal;
const limits = { timeoutMs: 20_000, signal: never };
const own = { name: 'own', address: 'own' };

test('twenty connections through one jump host share one connection to it, which is warmed up first', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  const connect = sshConnect({ sshConfigFile: await behind(server, bastion) });
  const sessions = await Promise.all(Array.from({ length: 20 }, () => connect(own, limits)));
  assert.deepEqual(
    await Promise.all(sessions.map(hello)),
    Array.from({ length: 20 }, () => 'hello\n'),
  );
  await Promise.all(sessions.map((session) => session.close()));
  assert.equal(bastion.log.connections, 1);
  assert.deepEqual(bastion.log.commands, ['true']);
  assert.equal(bastion.log.forwards.length, 20);
  assert.equal(server.log.connections, 20);
});

test('a jump host that is lost takes along the sessions behind it, and is dialled anew for the next one', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  const connect = sshConnect({ sshConfigFile: await behind(server, bastion) });
  const first = await connect(own, limits);
  bastion.connections()[0]?.end();
  await assert.rejects(
    poll(() => hello(first).then(() => undefined), { what: 'it is lost', limitMs: 10_000 }),
    {
      message: 'connection-lost',
    },
  );
  const second = await connect(own, limits);
  assert.equal(await hello(second), 'hello\n');
  await Promise.all([first.close(), second.close()]);
  assert.equal(bastion.log.connections, 2);
});

test('a jump host that has gone silent is dialled anew, and who is still connected through the old line is left alone (it is asked for 5 s)', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  await using front = await frontOf(bastion);
  const connect = sshConnect({ sshConfigFile: await behind(server, bastion, { port: front.port }) });
  const first = await connect(own, limits);
  const [line] = front.lines;
  line?.pause();
  const second = await connect(own, limits);
  assert.equal(await hello(second), 'hello\n');
  line?.resume();
  assert.equal(await hello(first), 'hello\n');
  await Promise.all([first.close(), second.close()]);
  assert.equal(bastion.log.connections, 2);
});

test('what goes wrong at a jump host is told as such, tried as often as with any host, and not once more for the next host where our keys were refused', async () => {
  await using bastion = await ownServer({ authenticate: (context) => context.reject(['publickey']) });
  await using server = await ownServer();
  const connect = sshConnect({ sshConfigFile: await behind(server, bastion) });
  const user = 'root';
  const tried = [join(bastion.directory, 'user_key')];
  const problem = { code: 'authentication-failed', user, tried, jump: 'bastion' };
  await assert.rejects(connect(own, limits), { problem });
  await assert.rejects(connect(own, limits), { problem });
  assert.deepEqual([bastion.log.connections, server.log.connections], [1, 0]);
});

test('a jump host whose key is unknown is not logged in to', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  const connect = sshConnect({ sshConfigFile: await behind(server, bastion, { lines: ['UserKnownHostsFile none'] }) });
  const problem = await connect(own, limits).then(() => undefined, problemOf);
  assert.deepEqual([problem?.code, problem?.jump], ['host-key-unknown', 'bastion']);
  assert.deepEqual(bastion.log.authentications, []);
});

test('a jump host that makes no connection to the host is told, with its words', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  const port = await freePort();
  const sshConfigFile = await behind(server, bastion, { target: [`Port ${port}`] });
  const problem = await sshConnect({ sshConfigFile })(own, limits).then(() => undefined, problemOf);
  assert.deepEqual(problem, {
    code: 'jump-refused',
    jumpHost: 'bastion',
    address: '127.0.0.1',
    port,
    why: 'failed',
    said: '',
  });
  assert.equal(bastion.log.forwards.length, 3);
});

test('a program that has connected through a jump host ends by itself when its sessions are closed', async () => {
  await using bastion = await ownServer();
  await using server = await ownServer();
  const program = new URL('connect-and-leave.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', program, await behind(server, bastion)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.deepEqual([said, code], ['hello\n', 0]);
});

test('the program of a ProxyCommand is ended with the connection, with all that it has started, even one that will not hear', async (t) => {
  await using server = await ownServer();
  const directory = await mkdtemp(join(tmpdir(), 'flurry-proxy-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const script = join(directory, 'carry.cjs');
  await writeFile(
    script,
    `require('node:fs').appendFileSync(${JSON.stringify(join(directory, 'pids'))}, process.pid + '\\n');
process.on('SIGTERM', () => {});
const socket = require('node:net').connect({ host: process.argv[2], port: Number(process.argv[3]) });
process.stdin.pipe(socket).pipe(process.stdout);
setInterval(() => {}, 1000);
`,
  );
  const session = await server.connect([`ProxyCommand sh -c '${process.execPath} ${script} %h %p; :'`]);
  assert.equal(await hello(session), 'hello\n');
  const pid = Number(await readFile(join(directory, 'pids'), 'utf8'));
  process.kill(pid, 0);
  await session.close();
  await poll(async () => (isThere(pid) ? undefined : true), { what: 'it has ended', limitMs: 10_000 });
});

test('what the program of a ProxyCommand says is shown where it leads nowhere, after three tries', async () => {
  await using server = await ownServer();
  const count = join(server.directory, 'count');
  const command = `sh -c 'echo >>${count}; echo "no way to %h" >&2; exit 3'`;
  await assert.rejects(server.connect([`ProxyCommand ${command}`]), {
    problem: {
      code: 'proxy-command-failed',
      command: command.replace('%h', '127.0.0.1'),
      how: 'exit 3',
      said: 'no way to 127.0.0.1',
    },
  });
  assert.equal(await readFile(count, 'utf8'), '\n\n\n');
});

/** Gives an ssh_config in which `own` is the server behind the jump host `bastion`. */
async function behind(
  server: OwnServer,
  bastion: OwnServer,
  {
    lines = [],
    target = [],
    port,
  }: { readonly lines?: readonly string[]; readonly target?: readonly string[]; readonly port?: number } = {},
): Promise<string> {
  const way = port === undefined ? [] : [`Port ${port}`, `HostKeyAlias [127.0.0.1]:${bastion.port}`];
  const hop = (await readFile(await bastion.sshConfig([...lines, ...way]), 'utf8')).replace('Host own', 'Host bastion');
  const file = await server.sshConfig(['ProxyJump bastion', ...target]);
  await appendFile(file, hop);
  return file;
}

/** Passes connections on to a server; each can be made to stand still. */
async function frontOf(server: OwnServer) {
  const lines: Socket[] = [];
  const front = createServer((socket) => {
    lines.push(socket);
    server.inject(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const address = front.address();
  return {
    lines,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      front.close();
    },
  };
}

async function hello(session: Session): Promise<string> {
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.end('echo hello\n');
  const [said] = await Promise.all([text(channel.stdout), channel.ended]);
  return said;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
