import type { Socket } from 'node:net';
import { FlurryError } from '../../core/problem.ts';
import { openChannel } from '../channels/open-channel.ts';
import type { ChannelOpener, RemoteChannel, RemoteExec } from '../channels/remote-channel.ts';
import type { RemoteCommand } from '../remote-command.ts';
import { MuxChannel, message, packetBytes, windowBytes } from './mux-channel.ts';
import { byte, PacketReader, string, uint32, WireReader } from './wire.ts';

// A packet of the master is one of the host with some bytes around it; 256 KiB is where OpenSSH itself draws the line.
const longestPacketBytes = 256 * 1024;

/** The host refused to open a channel; `reason` as in RFC 4254, section 5.1. */
export class ChannelRefused extends Error {
  override readonly name = 'ChannelRefused';
  readonly reason: number;

  constructor(reason: number, said: string) {
    super(said === '' ? `the host opens no channel (reason ${reason})` : said);
    this.reason = reason;
  }
}

interface Opening {
  readonly opened: (channel: MuxChannel) => void;
  readonly refused: (error: Error) => void;
}

/**
 * A control connection to an OpenSSH master in proxy mode (PROTOCOL.mux of OpenSSH, section 9): it carries the packets
 * of SSH's connection protocol in clear, numbers the channels anew, and does everything else: keys, rekeying, keepalive.
 */
export class MuxLink implements ChannelOpener {
  readonly #socket: Socket;
  readonly #packets = new PacketReader(longestPacketBytes);
  readonly #channels = new Map<number, MuxChannel | Opening>();
  readonly #onClosed = new Set<() => void>();
  readonly #why: () => string;
  #error: Error | undefined;
  #closed = false;
  #nextId = 0;

  /** The socket is in proxy mode already, and paused; `why` tells what the master said about its end. Untrusted text. */
  constructor(socket: Socket, why: () => string) {
    this.#socket = socket;
    this.#why = why;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.once('close', () => this.#lose());
    if (socket.destroyed) this.#lose();
    else socket.resume();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  onClosed(listener: () => void): () => void {
    if (this.#closed) listener();
    else this.#onClosed.add(listener);
    return () => this.#onClosed.delete(listener);
  }

  lostError(): FlurryError {
    const said = this.#why() || this.#error?.message || 'the connection was closed';
    return new FlurryError({ code: 'connection-lost', said }, this.#error === undefined ? {} : { cause: this.#error });
  }

  async openCommand(command: RemoteCommand, signal: AbortSignal): Promise<RemoteExec> {
    const channel = await openChannel<MuxChannel>(this, signal, (given) =>
      this.#open('session', [], {
        refused: given,
        opened: async (opened) => {
          if (await opened.request('exec', string(command))) given(undefined, opened);
          else {
            opened.close();
            given(new Error('the host runs no commands'));
          }
        },
      }),
    );
    return { channel, signal: (name) => channel.signal(name) };
  }

  openSocket(path: string, signal: AbortSignal): Promise<RemoteChannel> {
    // direct-streamlocal@openssh.com: the path, and two fields kept for later (PROTOCOL of OpenSSH, section 2.4).
    const details = [string(path), string(''), uint32(0)];
    return openChannel<MuxChannel>(this, signal, (given) =>
      this.#open('direct-streamlocal@openssh.com', details, {
        refused: given,
        opened: (opened) => given(undefined, opened),
      }),
    );
  }

  traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    // Node counts as written what still waits in the process: that is no progress.
    return { receivedBytes: bytesRead, sentBytes: bytesWritten - writableLength };
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #open(type: string, details: readonly Buffer[], opening: Opening): void {
    if (this.#closed) {
      opening.refused(this.lostError());
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#channels.set(id, opening);
    const numbers = [uint32(id), uint32(windowBytes), uint32(packetBytes)];
    this.#send([byte(message.open), string(type), ...numbers, ...details]);
  }

  #send(parts: readonly Buffer[], sent?: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) {
      sent?.();
      return;
    }
    // The byte before the message is the length of a padding that there is none of.
    this.#socket.write(string(Buffer.concat([byte(0), ...parts])), sent);
  }

  #read(chunk: Buffer): void {
    try {
      for (const packet of this.#packets.push(chunk)) this.#receive(packet);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#socket.destroy(error);
    }
  }

  #receive(packet: Buffer): void {
    const reader = new WireReader(packet);
    reader.byte();
    const type = reader.byte();
    if (type < message.open || type > message.failure) return;
    const id = reader.uint32();
    const known = this.#channels.get(id);
    if (known === undefined) return;
    if (known instanceof MuxChannel) {
      known.receive(type, reader);
      if (type === message.close) this.#channels.delete(id);
    } else if (type === message.opened) {
      const remote = { remoteId: reader.uint32(), windowBytes: reader.uint32(), packetBytes: reader.uint32() };
      const channel = new MuxChannel(remote, (parts, sent) => this.#send(parts, sent));
      this.#channels.set(id, channel);
      known.opened(channel);
    } else if (type === message.openFailed) {
      this.#channels.delete(id);
      known.refused(new ChannelRefused(reader.uint32(), reader.text()));
    }
  }

  #lose(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Whoever asks learns of the loss before the channels end as if their programs had closed them.
    for (const listener of [...this.#onClosed]) listener();
    this.#onClosed.clear();
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) {
      if (channel instanceof MuxChannel) channel.lose();
      else channel.refused(this.lostError());
    }
  }
}
