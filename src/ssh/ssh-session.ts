import type { Host } from '../core/host.ts';
import type { Channel, Elevation, Session, Shell, Way } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { shellOfRoot, shellOfRootWithPassword, shellOfUser } from './remote-command.ts';
import type { SudoPassword } from './sudo-password.ts';
import { answerSudo } from './sudo-shell.ts';
import type { Transport } from './transport.ts';

export interface SshSessionOptions {
  readonly host: Host;
  /** Who has logged in. */
  readonly user: string;
  readonly transport: Transport;
  readonly way?: Way;
  readonly elevation: Elevation;
  /** For sudo, where that asks. */
  readonly password?: SudoPassword | undefined;
  readonly say?: (line: string) => void;
}

/** A connection to a host, of whatever kind, on which shells are opened as the login user and as root. */
export class SshSession implements Session {
  readonly host: Host;
  readonly elevation: Elevation;
  readonly way?: Way;
  readonly say?: (line: string) => void;
  readonly #user: string;
  readonly #transport: Transport;
  readonly #password: SudoPassword | undefined;

  constructor({ host, user, transport, way, elevation, password, say }: SshSessionOptions) {
    this.host = host;
    this.elevation = elevation;
    if (way !== undefined) this.way = way;
    if (say !== undefined) this.say = say;
    this.#user = user;
    this.#transport = transport;
    this.#password = elevation === 'sudo' ? password : undefined;
  }

  async openShell(shell: Shell, signal: AbortSignal): Promise<Channel> {
    if (shell === 'user') return await this.#transport.runCommand(shellOfUser(), signal);
    if (this.#password === undefined) return await this.#transport.runCommand(shellOfRoot(this.elevation), signal);
    return await this.#openWithPassword(this.#password, signal);
  }

  openSocket(path: string, signal: AbortSignal): Promise<NodeJS.ReadWriteStream> {
    return this.#transport.openSocket(path, signal);
  }

  traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    return this.#transport.traffic();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #openWithPassword(password: SudoPassword, signal: AbortSignal): Promise<Channel> {
    const { name } = this.host;
    const line = password.lineFor(name);
    if (line === undefined) throw this.#noPrivilege('password', '');
    const channel = await this.#transport.runCommand(shellOfRootWithPassword(), signal);
    let opened = false;
    try {
      const answer = await answerSudo(channel, line, signal);
      if (answer.kind === 'lost') throw new FlurryError({ code: 'connection-lost', said: 'while sudo was asked' });
      if (answer.kind !== 'root') {
        if (answer.kind === 'password') password.refusedBy(name);
        throw this.#noPrivilege(answer.kind, answer.said);
      }
      opened = true;
      return channel;
    } finally {
      if (!opened) channel.close();
    }
  }

  #noPrivilege(lack: 'password' | 'denied', said: string): FlurryError {
    return new FlurryError({ code: 'no-privilege', user: this.#user, elevation: 'sudo', lack, said });
  }
}
