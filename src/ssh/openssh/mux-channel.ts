import { Duplex, Readable } from 'node:stream';
import type { RemoteChannel } from '../channels/remote-channel.ts';
import { MuxOutput } from './mux-output.ts';
import { byte, string, uint32, type WireReader } from './wire.ts';

/** Message numbers of RFC 4254, section 9. */
export const message = {
  open: 90,
  opened: 91,
  openFailed: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

// As OpenSSH's own: 64 packets of 32 KiB.
export const windowBytes = 2 * 1024 * 1024;
export const packetBytes = 32 * 1024;
const grantBytes = 256 * 1024;
const stderrType = 1;

type Settle = (error?: Error | null) => void;

/** What the host said when it opened the channel. */
export interface Opened {
  readonly remoteId: number;
  readonly windowBytes: number;
  readonly packetBytes: number;
}

/** Sends one message; `sent` is called once it has left the process. */
export type SendMessage = (parts: readonly Buffer[], sent?: Settle) => void;

/** A channel whose packets an OpenSSH master carries for us. What it was asked for is the MuxLink's business. */
export class MuxChannel extends Duplex implements RemoteChannel {
  readonly stderr: Readable;
  readonly #send: SendMessage;
  readonly #remote: Opened;
  readonly #output: MuxOutput;
  readonly #errors: MuxOutput;
  readonly #answers: ((agreed: boolean) => void)[] = [];
  #theirWindow: number;
  #ourWindow = windowBytes;
  #waiting: { readonly rest: Buffer; readonly settle: Settle } | undefined;
  #end: readonly [code?: number | null, signal?: string] = [];
  #hasClosed = false;
  #isClosed = false;

  constructor(remote: Opened, send: SendMessage) {
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.#remote = remote;
    this.#send = send;
    this.#theirWindow = remote.windowBytes;
    this.stderr = new MuxStderr({ more: () => this.#errors.more(), wasRead: () => this.#grant() });
    this.#output = new MuxOutput(this);
    this.#errors = new MuxOutput(this.stderr);
  }

  /** Asks for something; gives whether the host agreed. */
  request(name: string, ...details: readonly Buffer[]): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#hasClosed || this.#isClosed) {
        resolve(false);
        return;
      }
      this.#answers.push(resolve);
      this.#say(message.request, string(name), byte(1), ...details);
    });
  }

  signal(name: 'TERM' | 'KILL'): void {
    // sshd ends a connection over a request for a channel that both sides have closed.
    if (!this.#hasClosed) this.#say(message.request, string('signal'), byte(0), string(name));
  }

  close(): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    this.#say(message.close);
    this.#dropWrite();
  }

  /** Takes a message for this channel; `details` begins after the channel's number. */
  receive(type: number, details: WireReader): void {
    if (type === message.data) this.#take(details.string(), this.#output);
    else if (type === message.extendedData) this.#takeExtended(details);
    else if (type === message.windowAdjust) this.#widen(details.uint32());
    else if (type === message.eof) this.#endOutputs();
    else if (type === message.request) this.#answerRequest(details);
    else if (type === message.success || type === message.failure) this.#answers.shift()?.(type === message.success);
    else if (type === message.close) this.#closedByHost();
  }

  /** The connection is gone. */
  lose(): void {
    if (this.#isClosed) return;
    this.#hasClosed = true;
    this.#isClosed = true;
    this.#finish();
  }

  override _read(): void {
    this.#output.more();
  }

  /** Grants what was read just now: Node calls `_read` before that, and not again before something comes. */
  override read(bytes?: number): unknown {
    const chunk: unknown = super.read(bytes);
    this.#grant();
    return chunk;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, settle: Settle): void {
    this.#sendData(chunk, settle);
  }

  override _final(settle: Settle): void {
    if (!this.#hasClosed) this.#say(message.eof);
    settle();
  }

  #say(type: number, ...details: readonly Buffer[]): void {
    this.#send([byte(type), uint32(this.#remote.remoteId), ...details]);
  }

  #sendData(bytes: Buffer, settle: Settle): void {
    if (this.#hasClosed) {
      settle();
      return;
    }
    let rest = bytes;
    while (rest.length > 0 && this.#theirWindow > 0) {
      const length = Math.min(rest.length, this.#theirWindow, Math.max(1, this.#remote.packetBytes), packetBytes);
      const last = length === rest.length;
      this.#theirWindow -= length;
      const parts = [byte(message.data), uint32(this.#remote.remoteId), string(rest.subarray(0, length))];
      this.#send(parts, last ? () => settle() : undefined);
      rest = rest.subarray(length);
    }
    if (rest.length > 0) this.#waiting = { rest, settle };
    else if (bytes.length === 0) settle();
  }

  #widen(bytes: number): void {
    this.#theirWindow += bytes;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#sendData(waiting.rest, waiting.settle);
  }

  #dropWrite(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.settle();
  }

  #takeExtended(details: WireReader): void {
    const type = details.uint32();
    const bytes = details.string();
    this.#take(bytes, type === stderrType ? this.#errors : undefined);
  }

  #take(bytes: Buffer, output: MuxOutput | undefined): void {
    this.#ourWindow -= bytes.length;
    if (this.#ourWindow < 0) throw new RangeError('the host sends more than it may');
    output?.give(bytes);
    this.#grant();
  }

  /** A slow reader has no more than the window waiting for it: what was not read yet is not granted anew. */
  #grant(): void {
    const bytes = windowBytes - this.#ourWindow - this.#output.unreadBytes - this.#errors.unreadBytes;
    if (bytes < grantBytes || this.#hasClosed) return;
    this.#ourWindow += bytes;
    this.#say(message.windowAdjust, uint32(bytes));
  }

  #answerRequest(details: WireReader): void {
    const name = details.text();
    const wantsAnswer = details.byte() !== 0;
    if (name === 'exit-status') this.#ended(details.uint32());
    else if (name === 'exit-signal') this.#ended(null, `SIG${details.text()}`);
    // sshd asks whether we are alive by a request that nobody knows (ClientAliveInterval).
    else if (wantsAnswer && !this.#hasClosed) this.#say(message.failure);
  }

  #ended(code: number | null, signal?: string): void {
    this.#end = signal === undefined ? [code] : [code, signal];
    // Whoever opened this channel hears of it in a moment only, and must not miss this.
    setImmediate(() => this.emit('exit', ...this.#end));
  }

  #endOutputs(): void {
    this.#output.end();
    this.#errors.end();
  }

  #closedByHost(): void {
    if (this.#isClosed) return;
    this.close();
    this.#isClosed = true;
    this.#finish();
  }

  #finish(): void {
    for (const answer of this.#answers.splice(0)) answer(false);
    this.#dropWrite();
    this.#endOutputs();
    let open = 2;
    const ended = () => {
      open -= 1;
      if (open === 0) this.emit('close', ...this.#end);
    };
    for (const stream of [this, this.stderr]) {
      if (stream.readableEnded) ended();
      else stream.once('end', ended);
    }
  }
}

interface Reading {
  readonly more: () => void;
  readonly wasRead: () => void;
}

class MuxStderr extends Readable {
  readonly #reading: Reading;

  constructor(reading: Reading) {
    super({ autoDestroy: false, emitClose: false });
    this.#reading = reading;
  }

  override _read(): void {
    this.#reading.more();
  }

  override read(bytes?: number): unknown {
    const chunk: unknown = super.read(bytes);
    this.#reading.wasRead();
    return chunk;
  }
}
