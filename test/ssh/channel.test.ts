import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ServerChannel } from 'ssh2';
import type { Session, Shell } from '../../src/core/ports.ts';
import { ownServer } from './own-server.ts';

const never = new AbortController().signal;

test('a script goes by standard input; output, errors and exit code come back apart', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  assert.deepEqual(await run(session, 'echo out; echo err >&2; exit 7\n'), {
    out: 'out\n',
    err: 'err\n',
    end: { kind: 'exit', code: 7 },
  });
  assert.deepEqual(await run(session, 'kill -KILL $$\n'), {
    out: '',
    err: '',
    end: { kind: 'signal', signal: 'SIGKILL' },
  });
  await session.close();
});

test('the remote commands are constants', async () => {
  await using server = await ownServer({ exec: (_command, channel) => endWith(channel, 0) });
  const session = await server.connect();
  for (const shell of ['user', 'root'] satisfies readonly Shell[]) {
    assert.deepEqual((await run(session, 'true\n', shell)).end, { kind: 'exit', code: 0 });
  }
  assert.deepEqual(server.log.commands, ['sh', 'sudo -n sh']);
  await session.close();
});

test('a program that ends before it is spoken to is not missed', async () => {
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.stderr.write('sudo: a password is required\n');
      endWith(channel, 1);
    },
  });
  const session = await server.connect();
  const { err, end } = await run(session, 'x'.repeat(1000));
  assert.deepEqual([err, end], ['sudo: a password is required\n', { kind: 'exit', code: 1 }]);
  await session.close();
});

test('all output is there when the program has ended, also after megabytes', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  let bytes = 0;
  channel.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  channel.stderr.resume();
  channel.stdin.end('head -c 20000000 /dev/zero\n');
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
  assert.equal(bytes, 20_000_000);
  await session.close();
});

test('a slow reader has taken all output when the program has ended', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.end('head -c 60000 /dev/zero\n');
  let bytes = 0;
  const readAtTheEnd = channel.ended.then(() => bytes);
  for await (const chunk of channel.stdout) {
    bytes += chunk.length;
    // A round trip for each piece: by the last one the end has long come.
    await run(session, 'true\n');
  }
  assert.equal(await readAtTheEnd, 60_000);
  await session.close();
});

test('output that nobody reads holds the program back, and is all there afterwards', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.end('head -c 30000000 /dev/zero\n');
  // Each of these is a round trip in which the first channel's output had its chance.
  while (session.traffic().receivedBytes < 2_000_000) await run(session, 'true\n');
  for (let rounds = 0; rounds < 20; rounds += 1) await run(session, 'true\n');
  assert.ok(session.traffic().receivedBytes < 5_000_000, `${session.traffic().receivedBytes} bytes came unread`);
  let bytes = 0;
  for await (const chunk of channel.stdout) bytes += chunk.length;
  assert.equal(bytes, 30_000_000);
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
  await session.close();
});

test('a reader that leaves does not keep the channel from ending', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.end('head -c 9000000 /dev/zero; exit 3\n');
  for await (const _chunk of channel.stdout) break;
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 3 });
  await session.close();
});

test('a child in the background that holds the output does not keep the channel from ending', async () => {
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.write('started\n');
      channel.exit(0);
      // and no end: somebody still holds the output
    },
  });
  const session = await server.connect();
  assert.deepEqual(await run(session, 'x\n'), { out: 'started\n', err: '', end: { kind: 'exit', code: 0 } });
  await session.close();
});

test('closing a channel sends TERM, and does not wait for a host that goes on without an answer', async () => {
  await using server = await ownServer({ exec: () => {} });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stdin.write('sleep 1000\n');
  channel.close();
  assert.deepEqual(await channel.ended, { kind: 'lost' });
  // ssh2's server, unlike sshd, hears no signal after the end of the input: session.fleet.test.ts has the KILL.
  assert.deepEqual(server.log.signals, ['TERM']);
  await session.close();
});

test('a script of which only half could be sent is not left to run', async () => {
  await using server = await ownServer({ exec: () => {} });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  const half = Readable.from(
    (async function* () {
      yield 'rm -rf /tmp/a';
      throw new Error('the reader of the script failed');
    })(),
  );
  await assert.rejects(pipeline(half, channel.stdin), { message: 'the reader of the script failed' });
  await channel.ended;
  assert.deepEqual(server.log.signals, ['TERM']);
  await session.close();
});

test('a loss in the middle of a program is told as lost, and every later call as connection-lost', async () => {
  await using server = await ownServer({ exec: (_command, channel) => channel.write('begun\n') });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  const written = new Promise((resolve) => channel.stdin.write(Buffer.alloc(8_000_000), resolve));
  const lines = channel.stdout.on('data', () => server.connections()[0]?.end());
  assert.deepEqual(await channel.ended, { kind: 'lost' });
  assert.ok((await written) instanceof Error);
  assert.ok(lines);
  const lost = { code: 'connection-lost', said: 'the connection was closed' };
  await assert.rejects(session.openShell('user', never), { problem: lost });
  await assert.rejects(session.openSocket('/x', never), { problem: lost });
  await session.close();
  await session.close();
});

test('a loss is told although nobody reads the output', async () => {
  await using server = await ownServer({ exec: (_command, channel) => channel.write(Buffer.alloc(1_000_000)) });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  while (session.traffic().receivedBytes < 1_000_000) await assert.rejects(session.openSocket('/x', never));
  server.connections()[0]?.end();
  assert.deepEqual(await channel.ended, { kind: 'lost' });
  await session.close();
});

test('a program whose exit was told, but not the end of its output, is lost with the connection', async () => {
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.exit(0);
      channel.write('half a line');
    },
  });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdout.once('data', () => server.connections()[0]?.end());
  assert.deepEqual(await channel.ended, { kind: 'lost' });
  await session.close();
});

test('a program that ends without a word on how is lost, and the connection goes on', async () => {
  await using server = await ownServer({ exec: (_command, channel) => channel.end() });
  const session = await server.connect();
  assert.deepEqual((await run(session, 'x\n')).end, { kind: 'lost' });
  assert.deepEqual((await run(session, 'x\n')).end, { kind: 'lost' });
  await session.close();
});

test('a loss while a channel is being opened is connection-lost', async () => {
  await using server = await ownServer({ acceptsSession: () => server.connections()[0]?.end() !== undefined && false });
  const session = await server.connect();
  await assert.rejects(session.openShell('user', never), { message: 'connection-lost' });
  await session.close();
});

test('after close every call is connection-lost', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  await session.close();
  const problem = { code: 'connection-lost', said: 'closed by flurry itself' };
  await assert.rejects(session.openShell('user', never), { problem });
  await assert.rejects(session.openSocket('/x', never), { problem });
});

test('close waits for what is still being written', async () => {
  let bytes = 0;
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      channel.on('end', () => endWith(channel, 0));
    },
  });
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stdout.resume();
  channel.stderr.resume();
  channel.stdin.end(Buffer.alloc(4_000_000));
  await session.close();
  assert.equal(bytes, 4_000_000);
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
});

test('a session that the host refuses for want of one is asked for again', async () => {
  let refusals = 3;
  await using server = await ownServer({
    acceptsSession: () => {
      refusals -= 1;
      return refusals < 0;
    },
  });
  const session = await server.connect();
  assert.deepEqual((await run(session, 'exit 4\n')).end, { kind: 'exit', code: 4 });
  assert.equal(refusals, -1);
  await session.close();
});

test('at most four programs run on one connection; the fifth waits for its turn or for the signal', async () => {
  const open: ServerChannel[] = [];
  await using server = await ownServer({ exec: (_command, channel) => open.push(channel) });
  const session = await server.connect();
  const running = await Promise.all([1, 2, 3, 4].map(() => session.openShell('user', never)));
  const stop = new AbortController();
  const reason = new Error('enough');
  const sixth = session.openShell('user', stop.signal);
  const fifth = session.openShell('user', never);
  stop.abort(reason);
  await assert.rejects(sixth, reason);
  // Each is a round trip: by then the host would know of a fifth.
  for (let rounds = 0; rounds < 5; rounds += 1) await assert.rejects(session.openSocket('/x', never));
  assert.equal(open.length, 4);
  for (const channel of running) {
    channel.stdout.resume();
    channel.stderr.resume();
  }
  const [first] = open;
  if (first !== undefined) endWith(first, 0);
  await fifth;
  assert.equal(open.length, 5);
  for (const channel of open) endWith(channel, 0);
  await session.close();
});

test('giving up the opening of a channel closes it when it comes after all', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  let closed = () => {};
  const wasClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  await using server = await ownServer({
    acceptsSession: () => {
      stop.abort(reason);
      return true;
    },
    exec: (_command, channel) => {
      channel.on('close', closed);
      channel.resume();
    },
  });
  const session = await server.connect();
  await assert.rejects(session.openShell('user', stop.signal), reason);
  await wasClosed;
  await session.close();
});

test('rekeying in the middle of a transfer goes unnoticed', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  const channel = await session.openShell('user', never);
  channel.stderr.resume();
  channel.stdin.end('head -c 30000000 /dev/zero\n');
  let bytes = 0;
  let rekeys = 0;
  for await (const chunk of channel.stdout) {
    bytes += chunk.length;
    if (bytes > (rekeys + 1) * 5_000_000) {
      rekeys += 1;
      server.connections()[0]?.rekey();
    }
  }
  assert.deepEqual([bytes, rekeys], [30_000_000, 5]);
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
  await session.close();
});

test('a socket that the host refuses is forward-refused', async () => {
  await using server = await ownServer();
  const session = await server.connect();
  await assert.rejects(session.openSocket('/nix/var/nix/daemon-socket/socket', never), (error) => {
    assert.equal(problemCode(error), 'forward-refused');
    return true;
  });
  assert.deepEqual((await run(session, 'true\n')).end, { kind: 'exit', code: 0 });
  await session.close();
});

test('a process whose sessions are closed ends by itself', async () => {
  await using server = await ownServer();
  const program = fileURLToPath(new URL('connect-and-leave.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, await server.sshConfig()], { stdio: 'pipe' });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.deepEqual([out, err, code], ['hello\n', '', 0]);
});

async function run(session: Session, script: string, shell: Shell = 'user') {
  const channel = await session.openShell(shell, never);
  channel.stdin.end(script);
  const [out, err, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.ended]);
  return { out, err, end };
}

function endWith(channel: ServerChannel, code: number): void {
  channel.resume();
  channel.exit(code);
  channel.end();
}

function problemCode(error: unknown): unknown {
  return error instanceof Error ? error.message : error;
}
