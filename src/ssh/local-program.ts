import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import type { Channel, ChannelEnd } from '../core/ports.ts';

// A child in the background may keep the output open for as long as it lives.
const quietAfterExitMs = 2000;
// How long a program may take to end on TERM.
const graceMs = 2000;

/** A program on this machine, as the port wants to see it. It must lead a process group, and have just been started. */
export class LocalProgram implements Channel {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly ended: Promise<ChannelEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #outputs: readonly (readonly [Readable, PassThrough])[];
  #settle: (end: ChannelEnd) => void = () => {};
  #isOver = false;
  #isClosing = false;
  #outputBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.stdin = child.stdin;
    this.#outputs = [
      [child.stdout, this.stdout],
      [child.stderr, this.stderr],
    ];
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    child.on('error', () => {});
    child.stdin.on('error', () => {}); // it has ended before it read all
    for (const [from, to] of this.#outputs) this.#carry(from, to);
    child.once('exit', () => this.#detachWhenQuiet());
    // Both outputs have come to their end by then.
    child.once('close', (code, signal) => {
      void this.#over(code === null ? { kind: 'signal', signal: signal ?? '' } : { kind: 'exit', code });
    });
  }

  close(): void {
    if (this.#isOver || this.#isClosing) return;
    this.#isClosing = true;
    for (const [from, to] of this.#outputs) {
      from.unpipe(to);
      from.resume();
      to.end();
    }
    this.#child.stdin.end();
    this.#signal('SIGTERM');
    this.#after(graceMs, () => {
      this.#signal('SIGKILL');
      // What runs as root does not hear us: without its standard input and outputs it ends by itself.
      this.#letGo();
      void this.#over({ kind: 'lost' });
    });
  }

  #carry(from: Readable, to: PassThrough): void {
    from.on('error', () => {});
    to.on('error', () => {});
    from.on('data', (chunk: Buffer) => {
      this.#outputBytes += chunk.length;
    });
    from.pipe(to);
    // A reader that goes away must not keep the program from ending.
    to.once('close', () => from.resume());
  }

  /** Output still under way after the exit keeps postponing this: a slow reader must not lose any of it. */
  #detachWhenQuiet(): void {
    if (this.#isClosing || this.#isOver) return;
    const before = this.#outputBytes;
    this.#after(quietAfterExitMs, () => {
      const isWaiting = this.#outputs.flat().some((stream) => stream.readableLength > 0);
      if (isWaiting || this.#outputBytes !== before) this.#detachWhenQuiet();
      else this.#letGo();
    });
  }

  #letGo(): void {
    this.#child.stdin.destroy();
    for (const [from, to] of this.#outputs) {
      from.destroy();
      to.end();
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended meanwhile, or is root's.
    }
  }

  async #over(end: ChannelEnd): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    await Promise.all([wasRead(this.stdout), wasRead(this.stderr)]);
    this.#settle(end);
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

/** Settles when the reader has taken everything, at once where nobody reads. */
function wasRead(stream: PassThrough): Promise<void> {
  const hasReader = stream.readableFlowing !== null || stream.listenerCount('readable') > 0;
  if (!hasReader || stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
  });
}
