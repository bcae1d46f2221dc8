import { FlurryError, type ProblemCode } from '../../core/problem.ts';
import { SharedWork } from '../settings/shared-work.ts';
import type { JumpHost } from '../settings/ssh-settings.ts';
import type { OpenOptions } from './builtin.ts';
import { JumpConnection } from './jump-connection.ts';
import type { Link } from './link.ts';
import { watchPeer } from './watchdog.ts';

/** The connections to jump hosts: one for each host and way, however many hosts lie behind it. */
export class JumpHosts {
  readonly #connections = new SharedWork<JumpConnection>();
  readonly #logIn: (options: OpenOptions) => Promise<Link>;

  /** `logIn` may come back here for the jump hosts before. */
  constructor(logIn: (options: OpenOptions) => Promise<Link>) {
    this.#logIn = logIn;
  }

  /**
   * Gives the connection to a jump host, which is made unless there is one that answers. Throws as a login does, with the
   * jump host named.
   */
  async connection(jump: JumpHost, options: OpenOptions): Promise<JumpConnection> {
    const key = JSON.stringify(jump.settings);
    for (;;) {
      let isNew = false;
      const connection = await this.#connections.result(key, options.signal, (signal) => {
        isNew = true;
        return this.#connect(jump, key, { ...options, signal });
      });
      if (isNew || (await connection.answers())) return connection;
      options.say(`jump host ${jump.name}: the connection does not answer, another one is made`);
      this.#connections.forget(key, connection);
    }
  }

  async #connect(jump: JumpHost, key: string, options: OpenOptions): Promise<JumpConnection> {
    const say = (line: string): void => options.say(`jump host ${jump.name}: ${line}`);
    try {
      const link = await this.#logIn({ ...options, settings: jump.settings, say });
      watchPeer(link, jump.settings.serverAlive);
      const connection = new JumpConnection(jump.name, link);
      link.onClosed(() => this.#connections.forget(key, connection));
      await connection.warmUp();
      return connection;
    } catch (error) {
      const isLasting = error instanceof FlurryError && lasting.includes(error.problem.code);
      // Nobody is to be asked for the same once more right away, least of all an sshd that has just refused our keys.
      if (isLasting) setTimeout(() => this.#connections.forget(key), lastingMs).unref();
      else this.#connections.forget(key);
      if (!(error instanceof FlurryError) || error.problem.jump !== undefined) throw error;
      throw new FlurryError({ ...error.problem, jump: jump.name }, { cause: error });
    }
  }
}

const lastingMs = 10_000;
const lasting: readonly ProblemCode[] = [
  'authentication-failed',
  'key-unusable',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'host-key-unchecked',
];
