import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { ask } from '../../src/host/ask.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { program } from '../fleet/program.ts';

const never = new AbortController().signal;
const folder = await mkdtemp(join(tmpdir(), 'flurry-local-'));
after(() => rm(folder, { recursive: true }));

/** No program in PATH: no ssh could be run. */
async function local(): Promise<Session> {
  const connect = sshConnect({ environment: { PATH: '' } });
  return await connect({ name: 'local', address: 'local', via: 'local' }, { timeoutMs: 1000, signal: never });
}

async function run(session: Session, script: string) {
  const channel = await session.openShell('user', never);
  channel.stdin.end(script);
  const [out, err, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.ended]);
  return { out, err, end };
}

test('a script goes by standard input; output, errors and exit code come back apart', async () => {
  const session = await local();
  assert.deepEqual(await run(session, 'echo out; echo err >&2; exit 7\n'), {
    out: 'out\n',
    err: 'err\n',
    end: { kind: 'exit', code: 7 },
  });
  assert.deepEqual((await run(session, 'kill -KILL 0\n')).end, { kind: 'signal', signal: 'SIGKILL' });
  assert.equal((await run(session, 'head -c 3000000 /dev/zero\n')).out.length, 3_000_000);
  assert.ok(session.traffic().receivedBytes >= 3_000_000 && session.traffic().sentBytes > 0);
  await session.close();
});

test('what is run here has nothing of our environment, and no terminal of ours', async () => {
  process.env['FLURRY_SECRET'] = 'seen';
  const session = await local();
  const { out } = await run(session, 'env | grep -c FLURRY; pwd; ps -o sid= -p $$; ps -o tty= -p $$\n');
  const [settings, folder, sid, terminal] = out.split('\n').map((line) => line.trim());
  const { stdout: ours } = await program('ps', ['-o', 'sid=', '-p', `${process.pid}`]);
  assert.deepEqual([settings, folder, terminal], ['0', '/', '?']);
  assert.notEqual(sid, ours.trim());
  await session.close();
});

test('a child in the background that holds the output does not keep a question from ending', async () => {
  const session = await local();
  const channel = await session.openShell('user', never);
  channel.stdout.resume();
  channel.stderr.resume();
  channel.stdin.end('sleep 60 & exit 3\n');
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 3 });
  await session.close();
});

test('closing ends what still runs, and nothing can be asked afterwards', async () => {
  const session = await local();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.write('echo $$; trap "" TERM; sleep 600\n');
  const [pid] = await once(channel.stdout, 'data');
  await session.close();
  assert.equal((await channel.ended).kind !== 'exit', true);
  const alive = async () => (await program('kill', ['-0', String(pid).trim()], { allowFailure: true })).code === 0;
  while (await alive()) await pause(20);
  await assert.rejects(session.openShell('user', never), isProblem('connection-lost'));
});

test('half a script is no script', async () => {
  const session = await local();
  const mark = join(folder, 'half');
  const channel = await session.openShell('user', never);
  channel.stdout.resume();
  channel.stderr.resume();
  channel.stdin.write(`(\ntouch ${mark}\n`, () => channel.stdin.end());
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 2 });
  assert.equal(existsSync(mark), false);
  await session.close();
});

test('a question that is under way goes on to its end when flurry is gone', async () => {
  const mark = join(folder, 'done');
  const source = new URL('../../src/', import.meta.url).href;
  const script = `
    const { sshConnect } = await import('${source}ssh/connect.ts');
    const { converse } = await import('${source}host/ask.ts');
    const signal = new AbortController().signal;
    const session = await sshConnect()({ name: 'local', address: 'local', via: 'local' }, { timeoutMs: 1000, signal });
    const question = { name: 'x', script: 'echo begun; sleep 0.5; touch "$1"', arguments: ['${mark}'], shell: 'user', timeoutMs: 9000 };
    await converse(session, question, signal, () => process.kill(-process.pid, 'SIGINT'));`;
  // A process group of its own, as of a terminal's foreground.
  const words = ['--import', 'tsx', '--input-type=module', '-e', script];
  await program('setsid', ['--wait', process.execPath, ...words], { allowFailure: true });
  assert.equal(existsSync(mark), false);
  while (!existsSync(mark)) await pause(50);
});

test('sockets of this machine are connected to; one that is not there is refused', async () => {
  const session = await local();
  const path = join(folder, 'socket');
  const server = createServer((socket) => socket.pipe(socket)).listen(path);
  await once(server, 'listening');
  const socket = await session.openSocket(path, never);
  socket.end('ping');
  assert.equal(await text(socket), 'ping');
  await assert.rejects(session.openSocket(join(folder, 'none'), never), isProblem('forward-refused'));
  server.close();
  await session.close();
});

test('questions are asked as of any host', async () => {
  const session = await local();
  const question = { name: 'x', script: 'echo "$1"', arguments: ["it's; $x"], shell: 'user', timeoutMs: 9000 } as const;
  assert.equal(await ask(session, question, never), "it's; $x");
  await session.close();
});

function isProblem(code: string) {
  return (error: unknown) => error instanceof FlurryError && error.problem.code === code;
}
