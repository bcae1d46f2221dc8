import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Via } from '../settings/ssh-settings.ts';
import { CarrierError, CarrierStream } from './carrier.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const rememberedStderr = 4096;
const graceMs = 1000;

/** The program of a ProxyCommand, which carries a connection by its standard input and output. It ends with the carrier. */
export class ProxyCommand extends CarrierStream {
  readonly #child: Child;
  readonly #command: string;
  #stderr = '';
  #ended = false;
  #unread: ((error?: Error | null) => void) | undefined;

  constructor({ shell, command }: Extract<Via, { readonly kind: 'command' }>, environment: NodeJS.ProcessEnv) {
    super();
    this.#command = command;
    // A group of its own: what it starts is ended with it, and Ctrl-C does not reach it before us.
    this.#child = spawn(shell, ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], env: environment, detached: true });
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => {
      if (!this.receive(chunk)) stdout.pause();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-rememberedStderr);
    });
    this.#child.once('spawn', () => this.emit('connect'));
    this.#child.once('error', (error) => this.#end(`cannot be started: ${error.message}`));
    this.#child.once('close', (code, signal) => this.#end(code === null ? `ended by ${signal}` : `exit ${code}`));
  }

  override ref(): this {
    for (const each of this.#handles()) each.ref();
    return this;
  }

  override unref(): this {
    for (const each of this.#handles()) each.unref();
    return this;
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, settle: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => {
      // That nobody reads any more says less than how the program ends.
      if (error !== null && error !== undefined) {
        this.#unread = settle;
        return;
      }
      this.sent(chunk);
      settle();
    });
  }

  override _final(settle: () => void): void {
    this.#child.stdin.end();
    settle();
  }

  override _destroy(error: Error | null, settle: (error: Error | null) => void): void {
    settle(error);
    this.#unread?.(error ?? new Error('the ProxyCommand was ended'));
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    if (!this.#ended) this.#endAll();
  }

  #end(how: string): void {
    this.#ended = true;
    // Children of it may be left, that hold nothing of ours.
    this.#endAll();
    if (this.destroyed) return;
    const said = this.#stderr.trim();
    const words = said === '' ? how : `${how}: ${said}`;
    const command = this.#command.replace(/^exec /, '');
    this.destroy(
      new CarrierError(
        `the ProxyCommand has ended (${words})`,
        { code: 'proxy-command-failed', command, how, said },
        'worth-it',
      ),
    );
  }

  /** Keeps the process alive until nothing is left: the shell may be gone long before what it has started. */
  #endAll(): void {
    const deadline = performance.now() + graceMs;
    if (!this.#signal('SIGTERM')) return;
    const timer = setInterval(() => {
      if (performance.now() > deadline) this.#signal('SIGKILL');
      if (!this.#signal(0)) clearInterval(timer);
    }, 20);
  }

  /** Whether there was anybody to hear it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }

  #handles(): readonly { ref(): unknown; unref(): unknown }[] {
    const { stdin, stdout, stderr } = this.#child;
    return [this.#child, ...[stdin, stdout, stderr].filter((stream) => stream instanceof Socket)];
  }
}
