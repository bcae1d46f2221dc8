import type { ClientChannel } from 'ssh2';
import { FlurryError } from '../../core/problem.ts';
import { openChannel } from '../channels/open-channel.ts';
import { CarrierError, CarrierStream } from './carrier.ts';
import type { JumpConnection } from './jump-connection.ts';

type Settle = (error?: Error | null) => void;

/** A TCP connection that a jump host makes for us, carried by a channel of our connection to the jump host. */
export class JumpStream extends CarrierStream {
  readonly #jump: JumpConnection;
  readonly #stop = new AbortController();
  readonly #forget: () => void;
  #remote: ClientChannel | undefined;
  #writing: Settle | undefined;
  #isUsing = true;

  constructor(jump: JumpConnection, to: { readonly hostname: string; readonly port: number }) {
    super();
    this.#jump = jump;
    jump.use();
    this.#forget = jump.link.onClosed(() => {
      const said = jump.link.lostError().problem;
      const words = `the connection to the jump host ${jump.name} was lost${'said' in said ? `: ${said.said}` : ''}`;
      this.destroy(new CarrierError(words, { code: 'handshake-failed', said: words }, 'worth-it'));
    });
    openChannel<ClientChannel>(jump.link, this.#stop.signal, (given) =>
      jump.link.client.forwardOut('127.0.0.1', 0, to.hostname, to.port, given),
    ).then(
      (channel) => this.#carry(channel),
      (error) => this.destroy(this.#refusal(error, to)),
    );
  }

  override ref(): this {
    if (!this.#isUsing && !this.destroyed) {
      this.#isUsing = true;
      this.#jump.use();
    }
    return this;
  }

  override unref(): this {
    if (this.#isUsing) {
      this.#isUsing = false;
      this.#jump.leave();
    }
    return this;
  }

  override _read(): void {
    this.#remote?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, settle: Settle): void {
    // ssh2 forgets the callback when the channel goes away; we do not.
    this.#writing = settle;
    this.#remote?.write(chunk, () => {
      this.sent(chunk);
      this.#written();
    });
  }

  override _final(settle: Settle): void {
    this.#remote?.end();
    settle();
  }

  override _destroy(error: Error | null, settle: Settle): void {
    this.#stop.abort();
    this.#forget();
    this.unref();
    settle(error);
    this.#written(error ?? new Error('the connection was closed'));
    const remote = this.#remote;
    if (remote === undefined) return;
    // ssh2 tells that a channel is closed only when what it brought has been read.
    remote.resume();
    if (!this.#jump.link.isClosed) remote.close();
  }

  #carry(channel: ClientChannel): void {
    this.#remote = channel;
    channel.on('error', () => {});
    channel.on('data', (chunk: Buffer) => {
      if (!this.receive(chunk)) channel.pause();
    });
    channel.on('end', () => {
      if (!this.#jump.link.isClosed) this.push(null);
    });
    channel.on('close', () => {
      if (this.readableEnded) this.destroy();
      else this.once('end', () => this.destroy());
    });
    this.emit('connect');
  }

  #written(error?: Error): void {
    const settle = this.#writing;
    this.#writing = undefined;
    settle?.(error);
  }

  #refusal(error: unknown, { hostname: address, port }: { readonly hostname: string; readonly port: number }): Error {
    const jump = this.#jump.name;
    if (error instanceof FlurryError || !(error instanceof Error)) {
      const words = `the jump host ${jump} opens no connection to ${address}`;
      return new CarrierError(words, { code: 'handshake-failed', said: words }, 'worth-it');
    }
    // RFC 4254 section 5.1: 1 is "administratively prohibited".
    const why = 'reason' in error && error.reason === 1 ? 'forbidden' : 'failed';
    const said = error.message.replace(/^\(SSH\) Channel open failure: /, '');
    const problem = { code: 'jump-refused', jumpHost: jump, address, port, why, said } as const;
    return new CarrierError(error.message, problem, why === 'forbidden' ? 'useless' : 'worth-it');
  }
}
