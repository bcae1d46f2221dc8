import { PassThrough, type Readable } from 'node:stream';
import type { Channel, ChannelEnd } from '../../core/ports.ts';
import type { Lifeline, RemoteChannel, RemoteExec } from './remote-channel.ts';
import { RemoteInput } from './remote-streams.ts';

// A child in the background may keep the output open for as long as it lives.
const quietAfterExitMs = 2000;
// How long a program may take to end on TERM, and the host to close the channel after that.
const graceMs = 2000;
const outputsAfterLossMs = 1000;

/** A program at the other end of a channel, as the port wants to see it. */
export class RemoteProgram implements Channel {
  readonly stdin: RemoteInput;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly ended: Promise<ChannelEnd>;
  readonly #remote: RemoteChannel;
  readonly #signal: RemoteExec['signal'];
  readonly #forget: () => void = () => {};
  #settle: (end: ChannelEnd) => void = () => {};
  #decided = false;
  #closing = false;
  #exit: ChannelEnd | undefined;
  #outputBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ channel: remote, signal }: RemoteExec, link: Lifeline) {
    this.#remote = remote;
    this.#signal = signal;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.stdin = new RemoteInput(remote, () => this.close());
    remote.on('error', () => {});
    this.#carry(remote, this.stdout);
    this.#carry(remote.stderr, this.stderr);
    remote.on('exit', (code: number | null, signal?: string) => {
      this.#exit = endOf(code, signal);
      this.#detachWhenQuiet();
    });
    // Comes once all output has been taken; without a code the connection was lost before the program's end was told.
    remote.on('close', (code?: number | null, signal?: string) => void this.#decide(endOf(code, signal)));
    this.#forget = link.onClosed(() => void this.#decide({ kind: 'lost' }));
  }

  close(): void {
    if (this.#decided || this.#closing) return;
    this.#closing = true;
    this.#dropOutput();
    this.#signal('TERM');
    this.#remote.end();
    this.#after(graceMs, () => {
      this.#signal('KILL');
      this.#remote.close();
      // No local event follows until the remote program exits: we do not wait for it.
      this.#after(graceMs, () => void this.#decide(this.#exit ?? { kind: 'lost' }));
    });
    this.stdin.destroy();
  }

  #carry(from: Readable, to: PassThrough): void {
    from.on('error', () => {});
    to.on('error', () => {});
    from.on('data', (chunk: Buffer) => {
      this.#outputBytes += chunk.length;
    });
    from.pipe(to);
    // A reader that goes away must not keep the channel from ending.
    to.once('close', () => from.resume());
  }

  /** Output still under way after the exit keeps postponing this: a slow reader or link must not lose any of it. */
  #detachWhenQuiet(): void {
    if (this.#closing || this.#decided) return;
    const before = this.#outputBytes;
    this.#after(quietAfterExitMs, () => {
      const waiting = [this.#remote, this.#remote.stderr, this.stdout, this.stderr].some((s) => s.readableLength > 0);
      if (waiting || this.#outputBytes !== before) {
        this.#detachWhenQuiet();
        return;
      }
      this.#remote.close();
      this.#dropOutput();
      void this.#decide(this.#exit ?? { kind: 'lost' });
    });
  }

  #dropOutput(): void {
    for (const [from, to] of [
      [this.#remote, this.stdout],
      [this.#remote.stderr, this.stderr],
    ] as const) {
      from.unpipe(to);
      from.resume();
      to.end();
    }
  }

  async #decide(end: ChannelEnd): Promise<void> {
    if (this.#decided) return;
    this.#decided = true;
    clearTimeout(this.#timer);
    this.#forget();
    this.stdin.destroy();
    const read = Promise.all([outputRead(this.stdout), outputRead(this.stderr)]);
    if (end.kind === 'lost') {
      // Nobody knows what is missing, so nobody need wait for what is there.
      await Promise.race([read, new Promise<void>((done) => this.#after(outputsAfterLossMs, done))]);
      clearTimeout(this.#timer);
    } else {
      await read;
    }
    this.#settle(end);
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

function endOf(code: number | null | undefined, signal: string | undefined): ChannelEnd {
  if (typeof code === 'number') return { kind: 'exit', code };
  return code === null && signal !== undefined ? { kind: 'signal', signal } : { kind: 'lost' };
}

/** Settles when the reader has taken everything, at once where nobody reads. */
function outputRead(stream: PassThrough): Promise<void> {
  const hasReader = stream.readableFlowing !== null || stream.listenerCount('readable') > 0;
  if (!hasReader || stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
  });
}
