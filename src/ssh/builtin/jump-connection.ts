import type { Link } from './link.ts';

const idleMs = 60_000;
const answerMs = 5000;
const warmUpMs = 2000;

/** A connection to a jump host, shared by all hosts that are reached through it. */
export class JumpConnection {
  readonly name: string;
  readonly link: Link;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(name: string, link: Link) {
    this.name = name;
    this.link = link;
    link.onClosed(() => clearTimeout(this.#idle));
    this.#rest();
  }

  /** Counts somebody who needs it. While nobody does, it does not keep the process alive, and after a while it ends. */
  use(): void {
    this.#users += 1;
    clearTimeout(this.#idle);
    this.link.socket.ref();
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#rest();
  }

  /** Whether the jump host answers at once. A connection on which it has gone silent may still be found well later on. */
  async answers(): Promise<boolean> {
    const { client, socket } = this.link;
    if (this.link.isClosed) return false;
    const before = socket.bytesRead;
    this.use();
    try {
      await within(answerMs, (done) => {
        this.link.onClosed(done);
        // A harmless request: nothing is forwarded, so it is refused. Any answer is life.
        client.unforwardIn('127.0.0.1', 1, done);
      });
    } finally {
      this.leave();
    }
    return !this.link.isClosed && socket.bytesRead !== before;
  }

  /**
   * sshd sends without delay only once a session has begun on the connection: without this each command on a host
   * behind it takes 44 ms instead of 3. Some jump hosts allow no session; they are slow then.
   */
  async warmUp(): Promise<void> {
    await within(warmUpMs, (done) => {
      this.link.client.exec('true', (error, channel) => {
        if (error === undefined) {
          channel.on('error', () => {});
          channel.resume();
          channel.stderr.resume();
          channel.end();
        }
        done();
      });
    });
  }

  #rest(): void {
    if (this.link.isClosed) return;
    this.link.socket.unref();
    this.#idle = setTimeout(() => this.link.client.end(), idleMs);
    this.#idle.unref();
  }
}

/** ssh2 throws "Not connected" once the socket has ended. */
async function within(limitMs: number, work: (done: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
    try {
      work(resolve);
    } catch {
      resolve();
    }
  });
  clearTimeout(timer);
}
