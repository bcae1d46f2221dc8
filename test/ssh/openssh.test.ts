import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FlurryError } from '../../src/core/problem.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { ownServer } from './own-server.ts';

const never = new AbortController().signal;

test('a program runs through OpenSSH, and nothing of ssh is left after close', async () => {
  await using server = await ownServer();
  const session = await server.connect([], 20_000, 'openssh');
  const [master] = await mastersOf(server.port);
  assert.ok(master);
  const channel = await session.openShell('user', never);
  channel.stdin.end('echo out; echo err >&2; exit 3\n');
  const said = await Promise.all([text(channel.stdout), text(channel.stderr), channel.ended]);
  assert.deepEqual(said, ['out\n', 'err\n', { kind: 'exit', code: 3 }]);
  await session.close();
  await session.close();
  await assert.rejects(session.openShell('user', never), { message: 'connection-lost' });
  await until(async () => (await mastersOf(server.port)).length === 0 && !(await exists(master.directory)));
});

test('each connection has a master of its own', async () => {
  await using server = await ownServer();
  const sessions = await Promise.all([0, 1].map(() => server.connect([], 20_000, 'openssh')));
  assert.equal(server.log.connections, 2);
  assert.equal(new Set((await mastersOf(server.port)).map(({ directory }) => directory)).size, 2);
  for (const session of sessions) await session.close();
});

test('a process whose sessions by OpenSSH are closed ends by itself', async () => {
  await using server = await ownServer();
  const program = fileURLToPath(new URL('./connect-and-leave.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, await server.sshConfig(), 'openssh']);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.deepEqual([out, err, code], ['hello\n', '', 0]);
});

test('a master does not outlive a flurry that is killed, although a child of that does', async () => {
  await using server = await ownServer();
  const config = await server.sshConfig();
  const program = fileURLToPath(new URL('./connect-and-stay.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const grandchild = Number(/^connected (\d+)\n$/.exec(String(said))?.[1]);
  const [master] = await mastersOf(server.port);
  assert.ok(master);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until(async () => (await mastersOf(server.port)).length === 0 && !(await exists(master.directory)));
  process.kill(grandchild, 'SIGKILL');
});

test('a connection that is given up while ssh logs in leaves nothing behind', async () => {
  const giveUp = new AbortController();
  await using server = await ownServer({ authenticate: () => giveUp.abort(new Error('enough')) });
  const sshConfigFile = await server.sshConfig();
  const connect = sshConnect({ sshConfigFile, transport: 'openssh' });
  const opening = connect({ name: 'own', address: 'own' }, { timeoutMs: 20_000, signal: giveUp.signal });
  await assert.rejects(opening, { message: 'enough' });
  assert.deepEqual(await mastersOf(server.port), []);
});

test('a login that nobody answers is over when its time is', async () => {
  await using server = await ownServer({ authenticate: () => {} });
  await assert.rejects(server.connect([], 1500, 'openssh'), {
    problem: { code: 'connect-timeout', address: '127.0.0.1', port: server.port, afterMs: 1500, tries: 1 },
  });
  assert.equal(server.log.connections, 1);
  assert.deepEqual(await mastersOf(server.port), []);
});

test('without an ssh program OpenSSH is refused, and said so', async () => {
  const connect = sshConnect({ transport: 'openssh', environment: { PATH: '/none' } });
  const opening = connect({ name: 'own', address: 'own' }, { timeoutMs: 5000, signal: never });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof FlurryError);
    assert.deepEqual(error.problem, { code: 'no-ssh' });
    return true;
  });
});

interface RunningMaster {
  readonly pid: number;
  readonly directory: string;
}

/** The ssh processes of ours that have a control socket and belong to a configuration of this server. */
async function mastersOf(port: number): Promise<readonly RunningMaster[]> {
  const found: RunningMaster[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const socket = words[0] === 'ssh' ? words[words.indexOf('-S') + 1] : undefined;
    const config = words[words.indexOf('-F') + 1];
    if (socket === undefined || config === undefined) continue;
    const ofServer = (await readFile(config, 'utf8').catch(() => '')).includes(`Port ${port}\n`);
    if (ofServer) found.push({ pid: Number(name), directory: socket.replace(/\/[^/]*$/, '') });
  }
  return found;
}

async function exists(directory: string): Promise<boolean> {
  return await readdir(directory).then(
    () => true,
    () => false,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 200, 'it did not come to pass in 10 s');
    await delay(50);
  }
}
