import { Duplex, Writable } from 'node:stream';
import type { Lifeline, RemoteChannel } from './remote-channel.ts';

type Settle = (error?: Error | null) => void;

/** One write under way into a channel. ssh2 forgets the callback when the channel goes away; we do not. */
class PendingWrite {
  #settle: Settle | undefined;

  write(remote: RemoteChannel, chunk: Buffer, settle: Settle): void {
    this.#settle = settle;
    remote.write(chunk, () => this.settle());
  }

  settle(error?: Error): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(error);
  }
}

/** The standard input of a remote program. Destroyed before its end, it calls `abandoned`: half a script is no script. */
export class RemoteInput extends Writable {
  readonly #remote: RemoteChannel;
  readonly #abandoned: () => void;
  readonly #pending = new PendingWrite();
  #finished = false;

  constructor(remote: RemoteChannel, abandoned: () => void) {
    super({ highWaterMark: 64 * 1024 });
    this.#remote = remote;
    this.#abandoned = abandoned;
    // Whoever writes sees the error too; without any listener Node would end the process.
    this.on('error', () => {});
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, settle: Settle): void {
    this.#pending.write(this.#remote, chunk, settle);
  }

  override _final(settle: Settle): void {
    this.#finished = true;
    this.#remote.end();
    settle();
  }

  override _destroy(error: Error | null, settle: Settle): void {
    settle(error);
    this.#pending.settle(error ?? new Error('the remote program has ended'));
    if (!this.#finished) this.#abandoned();
  }
}

/** A connection to a socket on the host. A loss of the connection destroys it with `connection-lost`. */
export class RemoteSocket extends Duplex {
  readonly #remote: RemoteChannel;
  readonly #link: Lifeline;
  readonly #pending = new PendingWrite();
  readonly #forget: () => void = () => {};

  constructor(remote: RemoteChannel, link: Lifeline) {
    super({ allowHalfOpen: true });
    this.#remote = remote;
    this.#link = link;
    this.on('error', () => {});
    remote.on('error', () => {});
    // Nothing comes there, but its end is waited for before the channel is told to be closed.
    remote.stderr.resume();
    remote.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) remote.pause();
    });
    remote.on('end', () => {
      if (!link.isClosed) this.push(null);
    });
    remote.on('close', () => this.#closedByHost());
    this.#forget = link.onClosed(() => this.destroy(link.lostError()));
  }

  override _read(): void {
    this.#remote.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, settle: Settle): void {
    this.#pending.write(this.#remote, chunk, settle);
  }

  override _final(settle: Settle): void {
    this.#remote.end();
    settle();
  }

  override _destroy(error: Error | null, settle: Settle): void {
    this.#forget();
    settle(error);
    this.#pending.settle(error ?? new Error('the socket on the host was closed'));
    // ssh2 tells that a channel is closed only when what it brought has been read.
    this.#remote.resume();
    if (!this.#link.isClosed) this.#remote.close();
  }

  /** The other side is gone; what it sent may still wait here to be read. */
  #closedByHost(): void {
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
