import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ChannelTransport } from '../../src/ssh/channels/channel-transport.ts';
import type { RemoteChannel } from '../../src/ssh/channels/remote-channel.ts';
import { message, packetBytes, windowBytes } from '../../src/ssh/openssh/mux-channel.ts';
import { byte, string, uint32 } from '../../src/ssh/openssh/wire.ts';
import { shellOfUser } from '../../src/ssh/remote-command.ts';
import { framed, type ScriptedMaster, scriptedMaster } from './scripted-master.ts';

// A fault here is most often a wait without end.
const limit = { timeout: 10_000 };
const never = new AbortController().signal;

/** A channel to a socket on the host: the shortest way to one. */
async function opened(master: ScriptedMaster, window = 1_000_000, packet?: number): Promise<[RemoteChannel, number]> {
  const opening = master.link.openSocket('/x', never);
  const id = await master.open(window, packet);
  return [await opening, id];
}

/** Settles when what the master has said so far was read: it is asked for an answer that follows in order. */
async function settled(master: ScriptedMaster, id: number): Promise<void> {
  master.say(message.request, uint32(id), string('keepalive@openssh.com'), byte(1));
  while ((await master.next()).type !== message.failure);
}

test(
  'what is written never exceeds the window or the longest packet of the host, and goes on when it widens',
  limit,
  async () => {
    await using master = await scriptedMaster();
    const [channel] = await opened(master, 250, 100);
    const written = new Promise((resolve) => channel.write(Buffer.alloc(420, 'x'), resolve));
    const lengths = async (count: number) => {
      const all = [];
      for (let n = 0; n < count; n += 1) all.push((await master.next()).details.string().length);
      return all;
    };
    assert.deepEqual(await lengths(3), [100, 100, 50]);
    await settled(master, 0);
    master.say(message.windowAdjust, uint32(0), uint32(0));
    master.say(message.windowAdjust, uint32(0), uint32(1));
    assert.deepEqual(await lengths(1), [1]);
    master.say(message.windowAdjust, uint32(0), uint32(1000));
    assert.deepEqual(await lengths(2), [100, 69]);
    await written;
    channel.end();
    assert.equal((await master.next()).type, message.eof);
  },
);

test('a host that sends more than it may has lost the connection', limit, async () => {
  await using master = await scriptedMaster();
  const [, id] = await opened(master);
  for (let sent = 0; sent <= windowBytes; sent += packetBytes) {
    master.say(message.data, uint32(id), string(Buffer.alloc(packetBytes)));
  }
  await once(master.socket, 'close');
  assert.equal(master.link.isClosed, true);
});

test(
  'errors and unknown extended data count for the window too; only what was read is granted anew',
  limit,
  async () => {
    await using master = await scriptedMaster();
    const opening = master.link.openCommand(shellOfUser(), never);
    const id = await master.open(1_000_000);
    assert.equal((await master.next()).details.text(), 'exec');
    master.say(message.success, uint32(id));
    const { channel } = await opening;
    const half = Buffer.alloc(512 * 1024);
    const send = (bytes: Buffer, ...type: readonly Buffer[]) => {
      for (let at = 0; at < bytes.length; at += packetBytes) {
        const piece = string(bytes.subarray(at, at + packetBytes));
        master.say(type.length === 0 ? message.data : message.extendedData, uint32(id), ...type, piece);
      }
    };
    send(half);
    send(half, uint32(1));
    await settled(master, id);
    // Nobody can read it, so it is gone at once.
    send(Buffer.alloc(256 * 1024), uint32(7));
    const first = await master.next();
    assert.deepEqual([first.type, first.details.uint32()], [message.windowAdjust, 256 * 1024]);
    await settled(master, id);
    assert.equal(master.unheard(), 0);
    channel.stderr.resume();
    channel.resume();
    let total = 0;
    // The last quarter of a MiB is granted with what comes next.
    while (total <= 2 * half.length - 256 * 1024) total += (await master.next()).details.uint32();
    assert.ok(total <= 2 * half.length);
  },
);

test(
  'a host that has used all of the window may go on once it was read, piece by piece or at once',
  limit,
  async () => {
    for (const read of ['flowing', 'at once'] as const) {
      await using master = await scriptedMaster();
      const [channel, id] = await opened(master);
      for (let sent = 0; sent < windowBytes; sent += packetBytes) {
        master.say(message.data, uint32(id), string(Buffer.alloc(packetBytes)));
      }
      await settled(master, id);
      if (read === 'at once') while (channel.read() !== null);
      else {
        // A quarter of it: the host need not wait until all is read.
        let rest = windowBytes / 4;
        channel.on('data', (chunk: Buffer) => {
          rest -= chunk.length;
          if (rest <= 0) channel.pause();
        });
      }
      assert.equal((await master.next()).type, message.windowAdjust);
    }
  },
);

const malformed: readonly (readonly [string, Buffer])[] = [
  ['of 4 GiB', Buffer.from('ffffffff', 'hex')],
  ['longer than 256 KiB', uint32(256 * 1024 + 1)],
  ['of no byte', uint32(0)],
  ['of one byte', Buffer.concat([uint32(1), byte(0)])],
  ['without a channel', framed(message.data)],
  ['with a string that is cut off', framed(message.data, uint32(0), uint32(4), Buffer.from('abc'))],
  ['with a request that is cut off', framed(message.request, uint32(0), string('exit-status'), byte(0), byte(0))],
];
for (const [what, bytes] of malformed) {
  test(`a packet ${what} is the end of the connection`, limit, async () => {
    await using master = await scriptedMaster();
    const [channel] = await opened(master);
    channel.resume();
    const closed = once(master.socket, 'close');
    master.socket.write(bytes);
    await closed;
    await assert.rejects(master.link.openSocket('/y', never), { message: 'connection-lost' });
  });
}

test(
  'messages for channels that there are not, unknown ones, and answers that nobody wants are passed over',
  limit,
  async () => {
    await using master = await scriptedMaster();
    const [, id] = await opened(master);
    for (const type of Object.values(message)) master.say(type, uint32(4711), uint32(0), uint32(0), uint32(0));
    for (const type of [1, 2, 4, 20, 80, 81, 101, 192, 255]) master.say(type, uint32(id));
    master.say(message.success, uint32(id));
    master.say(message.failure, uint32(id));
    master.say(message.opened, uint32(id), uint32(1), uint32(1), uint32(1));
    await settled(master, id);
    assert.equal(master.link.isClosed, false);
  },
);

test('messages come whole however the bytes are cut', limit, async () => {
  await using master = await scriptedMaster();
  const [channel, id] = await opened(master);
  const all = Buffer.concat([
    framed(message.data, uint32(id), string('one ')),
    framed(message.data, uint32(id), string('')),
    framed(message.data, uint32(id), string('two')),
    framed(message.eof, uint32(id)),
  ]);
  for (const one of all) {
    master.socket.write(Buffer.from([one]));
    await new Promise(setImmediate);
  }
  let got = '';
  for await (const chunk of channel) got += String(chunk);
  assert.equal(got, 'one two');
});

for (const reason of [1, 2, 3, 4, 99]) {
  test(`a socket that the host does not open for reason ${reason} is forward-refused`, limit, async () => {
    await using master = await scriptedMaster();
    const opening = new ChannelTransport(master.link).openSocket('/x', never);
    await master.next();
    master.say(message.openFailed, uint32(0), uint32(reason), string('open failed'), string(''));
    await assert.rejects(opening, { problem: { code: 'forward-refused', path: '/x', said: 'open failed' } });
  });
}

test('a program whose start, output and end come in one piece loses none of it', limit, async () => {
  await using master = await scriptedMaster();
  const running = new ChannelTransport(master.link).runCommand(shellOfUser(), never);
  const id = await master.open(1_000_000);
  await master.next();
  const to = uint32(id);
  master.socket.write(
    Buffer.concat([
      framed(message.success, to),
      framed(message.extendedData, to, uint32(1), string('err')),
      framed(message.request, to, string('exit-status'), byte(0), uint32(3)),
      framed(message.data, to, string('out')),
      framed(message.eof, to),
      framed(message.request, to, string('eow@openssh.com'), byte(0)),
      framed(message.close, to),
    ]),
  );
  const channel = await running;
  let out = '';
  channel.stderr.on('data', (chunk) => (out += String(chunk)));
  channel.stdout.on('data', (chunk) => (out += String(chunk)));
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 3 });
  assert.deepEqual([...out].sort(), [...'outerr'].sort());
});

test('an end by a signal is told although it comes after the end of the output', limit, async () => {
  await using master = await scriptedMaster();
  const running = new ChannelTransport(master.link).runCommand(shellOfUser(), never);
  const id = await master.open(1_000_000);
  await master.next();
  const to = uint32(id);
  master.say(message.success, to);
  const channel = await running;
  master.say(message.eof, to);
  const core = [byte(0), string(''), string('')];
  master.say(message.request, to, string('exit-signal'), byte(0), string('KILL'), ...core);
  master.say(message.close, to);
  assert.deepEqual(await channel.ended, { kind: 'signal', signal: 'SIGKILL' });
});

test('a channel is closed exactly once, whoever begins, and nothing is sent for it afterwards', limit, async () => {
  for (const first of ['host', 'both at once'] as const) {
    await using master = await scriptedMaster();
    const [channel, id] = await opened(master, 10);
    // More than the window: it waits, and is given up.
    const written = new Promise((resolve) => channel.write(Buffer.alloc(20), resolve));
    assert.equal((await master.next()).details.string().length, 10);
    if (first === 'both at once') channel.close();
    master.say(message.close, uint32(id));
    assert.equal((await master.next()).type, message.close);
    await written;
    channel.close();
    channel.end('more');
    channel.resume();
    channel.stderr.resume();
    await once(channel, 'close');
    const [, other] = await opened(master);
    await settled(master, other);
    assert.equal(master.unheard(), 0);
  }
});

test('a socket that the host closes is closed here too, while we still write to it', limit, async () => {
  await using master = await scriptedMaster();
  const opening = new ChannelTransport(master.link).openSocket('/x', never);
  const id = await master.open(1_000_000);
  const socket = await opening;
  const closed = once(socket, 'close');
  socket.resume();
  master.say(message.data, uint32(id), string('bye'));
  master.say(message.eof, uint32(id));
  master.say(message.close, uint32(id));
  await closed;
});

test('a reader that stands still keeps no more than the window, however the host cuts its data', limit, async () => {
  await using master = await scriptedMaster();
  const [channel, id] = await opened(master);
  const piece = framed(message.data, uint32(id), string('x'));
  // As much again that counts for nothing: what was kept must not keep the bytes around it.
  const chaff = framed(message.request, uint32(id), string('x'.repeat(64 * 1024)), byte(0));
  const before = await memory();
  const pieces = 2000;
  for (let n = 0; n < pieces; n += 1) {
    if (!master.socket.write(Buffer.concat([piece, chaff]))) await once(master.socket, 'drain');
  }
  await settled(master, id);
  const kept = (await memory()) - before;
  assert.ok(kept < 20 * 1024 * 1024, `${kept} bytes are kept`);
  channel.end();
  master.say(message.eof, uint32(id));
  let bytes = 0;
  for await (const chunk of channel) bytes += chunk.length;
  assert.equal(bytes, pieces);
});

/** Without a flag on the command line. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

async function memory(): Promise<number> {
  for (let rounds = 0; rounds < 3; rounds += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
