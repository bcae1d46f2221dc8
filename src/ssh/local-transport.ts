import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { homedir, userInfo } from 'node:os';
import type { Channel } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { LocalProgram } from './local-program.ts';
import type { RemoteCommand } from './remote-command.ts';
import type { Transport } from './transport.ts';

/** This machine in the place of a host: nothing is dialled. Throws by code: `connection-lost` (closed), `forward-refused`. */
export class LocalTransport implements Transport {
  readonly #programs = new Set<LocalProgram>();
  readonly #sockets = new Set<Socket>();
  readonly #gone = { receivedBytes: 0, sentBytes: 0 };
  #isClosed = false;

  async runCommand(command: RemoteCommand, signal: AbortSignal): Promise<Channel> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    // As of sshd: a session of its own, which no Ctrl-C of our terminal reaches, and nothing of our environment. A
    // question that is half asked when we end goes on to its end.
    const child = spawn('/bin/sh', ['-c', command], { detached: true, cwd: '/', env: loginEnvironment() });
    const program = new LocalProgram(child);
    this.#programs.add(program);
    void program.ended.then(() => this.#programs.delete(program));
    for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) this.#count(stream);
    await once(child, 'spawn');
    return program;
  }

  async openSocket(path: string, signal: AbortSignal): Promise<NodeJS.ReadWriteStream> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const socket = connect({ path, allowHalfOpen: true });
    socket.on('error', () => {}); // whoever uses it hears it too
    try {
      await once(socket, 'connect', { signal });
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      const said = error instanceof Error ? error.message : String(error);
      throw new FlurryError({ code: 'forward-refused', path, said }, { cause: error });
    }
    this.#count(socket);
    return socket;
  }

  traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    let { receivedBytes, sentBytes } = this.#gone;
    for (const socket of this.#sockets) {
      receivedBytes += socket.bytesRead;
      // Node counts as written what still waits in the process: that is no progress.
      sentBytes += socket.bytesWritten - socket.writableLength;
    }
    return { receivedBytes, sentBytes };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ends = [...this.#programs].map((program) => {
      program.close();
      return program.ended;
    });
    await Promise.all(ends);
    for (const socket of this.#sockets) socket.destroy();
  }

  #count(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      if (!this.#sockets.delete(socket)) return;
      this.#gone.receivedBytes += socket.bytesRead;
      this.#gone.sentBytes += socket.bytesWritten - socket.writableLength;
    });
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new FlurryError({ code: 'connection-lost', said: 'it was closed' });
  }
}

/** What a login brings along. Scripts of ours put the running system's programs first in PATH. */
function loginEnvironment(): NodeJS.ProcessEnv {
  const { username } = userInfo();
  return { PATH: process.env['PATH'], HOME: homedir(), USER: username, LOGNAME: username };
}
