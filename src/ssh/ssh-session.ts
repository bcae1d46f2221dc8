import type { Host } from '../core/host.ts';
import type { Channel, Session, Shell } from '../core/ports.ts';
import { remoteCommand } from './remote-command.ts';
import type { Transport } from './transport.ts';

/** A connection to a host, of whatever kind, on which shells are opened as the login user and as root. */
export class SshSession implements Session {
  readonly host: Host;
  readonly #transport: Transport;

  constructor(host: Host, transport: Transport) {
    this.host = host;
    this.#transport = transport;
  }

  openShell(shell: Shell, signal: AbortSignal): Promise<Channel> {
    return this.#transport.runCommand(remoteCommand(shell), signal);
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
}
