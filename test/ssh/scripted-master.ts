import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { message } from '../../src/ssh/openssh/mux-channel.ts';
import { muxDial } from '../../src/ssh/openssh/mux-dial.ts';
import { MuxLink } from '../../src/ssh/openssh/mux-link.ts';
import { byte, PacketReader, string, uint32, WireReader } from '../../src/ssh/openssh/wire.ts';

/** A message of ours, as the master got it: its number, and what follows the channel's number (or, of an open, the type). */
export interface Said {
  readonly type: number;
  readonly details: WireReader;
}

/** An OpenSSH master that says what a test tells it to: for what a real one never does. */
export interface ScriptedMaster extends AsyncDisposable {
  readonly link: MuxLink;
  readonly socket: Socket;
  /** The next message of ours, without those of `except`. Rejects when the connection has ended. */
  next(): Promise<Said>;
  /** Messages of ours that nobody asked for yet. */
  unheard(): number;
  say(type: number, ...details: readonly Buffer[]): void;
  /** Takes an open of ours, says yes, and gives our number of the channel. */
  open(windowBytes: number, packetBytes?: number): Promise<number>;
}

const hostsNumber = 70;

/** The bytes of a message of the connection protocol, as a master frames it. */
export function framed(type: number, ...details: readonly Buffer[]): Buffer {
  return string(Buffer.concat([byte(0), byte(type), ...details]));
}

export async function scriptedMaster(): Promise<ScriptedMaster> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-mux-'));
  const path = join(directory, 'ssh');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const dialled = muxDial(path, new AbortController().signal);
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) throw new Error('nobody came');
  socket.on('error', () => {});
  const heard: Said[] = [];
  const waiting: ((said: Said) => void)[] = [];
  const packets = new PacketReader(1024 * 1024);
  let greeted = 0;
  socket.on('data', (chunk: Buffer) => {
    for (const packet of packets.push(chunk)) {
      const details = new WireReader(packet);
      if (greeted < 2) {
        greeted += 1;
        if (greeted === 1) socket.write(string(Buffer.concat([uint32(1), uint32(4)])));
        else socket.write(string(Buffer.concat([uint32(0x8000000f), uint32(0)])));
        continue;
      }
      details.byte();
      const said = { type: details.byte(), details };
      if (said.type !== message.open) details.uint32();
      const hearer = waiting.shift();
      if (hearer === undefined) heard.push(said);
      else hearer(said);
    }
  });
  const link = new MuxLink(await dialled, () => '');
  const next = async (): Promise<Said> => {
    const first = heard.shift();
    if (first !== undefined) return first;
    return await new Promise((resolve, reject) => {
      waiting.push(resolve);
      socket.once('close', () => reject(new Error('the connection has ended')));
    });
  };
  const say = (type: number, ...details: readonly Buffer[]): void => {
    socket.write(framed(type, ...details));
  };
  return {
    link,
    socket,
    next,
    unheard: () => heard.length,
    say,
    open: async (windowBytes, packetBytes = 32 * 1024) => {
      const { details } = await next();
      details.text();
      const id = details.uint32();
      say(message.opened, uint32(id), uint32(hostsNumber), uint32(windowBytes), uint32(packetBytes));
      return id;
    },
    [Symbol.asyncDispose]: async () => {
      link.destroy();
      socket.destroy();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
