import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '../../core/ports.ts';
import { FlurryError } from '../../core/problem.ts';
import type { RemoteCommand } from '../remote-command.ts';
import { Semaphore } from '../semaphore.ts';
import type { Transport } from '../transport.ts';
import type { ChannelOpener, RemoteExec } from './remote-channel.ts';
import { RemoteProgram } from './remote-program.ts';
import { RemoteSocket } from './remote-streams.ts';

// sshd's MaxSessions is 10 by default, 5 on hardened hosts; forwarded sockets do not count.
const sessionsAtOnce = 4;
const busyTries = 8;
const channelsCloseMs = 2000;
const hangUpMs = 1000;

/** One connection, whoever carries its channels. Throws by code: `connection-lost` (once it is gone), `forward-refused`. */
export class ChannelTransport implements Transport {
  readonly #link: ChannelOpener;
  readonly #sessions = new Semaphore(sessionsAtOnce);
  readonly #open = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(link: ChannelOpener) {
    this.#link = link;
  }

  async runCommand(command: RemoteCommand, signal: AbortSignal): Promise<Channel> {
    this.#mustBeOpen();
    const leave = await this.#sessions.enter(signal);
    try {
      const program = new RemoteProgram(await this.#exec(command, signal), this.#link);
      this.#keep(program.ended.then(leave));
      return program;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async openSocket(path: string, signal: AbortSignal): Promise<NodeJS.ReadWriteStream> {
    this.#mustBeOpen();
    try {
      const remote = await this.#link.openSocket(path, signal);
      const socket = new RemoteSocket(remote, this.#link);
      this.#keep(new Promise((resolve) => socket.once('close', resolve)));
      return socket;
    } catch (error) {
      if (error instanceof FlurryError || signal.aborted) throw error;
      const said = error instanceof Error ? error.message : String(error);
      throw new FlurryError({ code: 'forward-refused', path, said }, { cause: error });
    }
  }

  traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    return this.#link.traffic();
  }

  close(): Promise<void> {
    this.#closing ??= this.#hangUp();
    return this.#closing;
  }

  async #hangUp(): Promise<void> {
    // What is still on its way is lost when the connection ends: of 8 MiB of writes, ssh2 let 0.6 arrive.
    await within(channelsCloseMs, Promise.allSettled([...this.#open]));
    const closed = new Promise<void>((resolve) => this.#link.onClosed(resolve));
    this.#link.end();
    await within(hangUpMs, closed);
    this.#link.destroy();
    await closed;
  }

  /** A host that has no session left (reason 2) may have one soon: channels that we closed take a moment there. */
  async #exec(command: RemoteCommand, signal: AbortSignal): Promise<RemoteExec> {
    for (let tries = 1; ; tries += 1) {
      this.#mustBeOpen();
      try {
        return await this.#link.openCommand(command, signal);
      } catch (error) {
        if (error instanceof FlurryError || signal.aborted) throw error;
        const said = `the host opens no session: ${error instanceof Error ? error.message : String(error)}`;
        if (!isOutOfSessions(error) || tries === busyTries) {
          throw new FlurryError({ code: 'connection-lost', said }, { cause: error });
        }
      }
      await delay(50 * 2 ** tries, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined)
      throw new FlurryError({ code: 'connection-lost', said: 'closed by flurry itself' });
    if (this.#link.isClosed) throw this.#link.lostError();
  }

  #keep(ended: Promise<unknown>): void {
    this.#open.add(ended);
    void ended.then(() => this.#open.delete(ended));
  }
}

function isOutOfSessions(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 2;
}

async function within(limitMs: number, ended: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, limitMs)))]);
  clearTimeout(timer);
}
