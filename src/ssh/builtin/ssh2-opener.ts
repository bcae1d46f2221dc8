import type { ClientChannel } from 'ssh2';
import type { FlurryError } from '../../core/problem.ts';
import { openChannel } from '../channels/open-channel.ts';
import type { ChannelOpener, RemoteChannel, RemoteExec } from '../channels/remote-channel.ts';
import type { RemoteCommand } from '../remote-command.ts';
import type { Link } from './link.ts';
import { signalRemote } from './remote-signal.ts';
import { type Liveness, watchPeer } from './watchdog.ts';

/** The channels of a connection that ssh2 holds, watched for its end. */
export class Ssh2Opener implements ChannelOpener {
  readonly #link: Link;

  constructor(link: Link, liveness?: Liveness) {
    this.#link = link;
    watchPeer(link, liveness);
  }

  get isClosed(): boolean {
    return this.#link.isClosed;
  }

  onClosed(listener: () => void): () => void {
    return this.#link.onClosed(listener);
  }

  lostError(): FlurryError {
    return this.#link.lostError();
  }

  async openCommand(command: RemoteCommand, signal: AbortSignal): Promise<RemoteExec> {
    const { client } = this.#link;
    const channel = await openChannel<ClientChannel>(this.#link, signal, (given) => client.exec(command, given));
    return { channel, signal: (name) => signalRemote(channel, name) };
  }

  openSocket(path: string, signal: AbortSignal): Promise<RemoteChannel> {
    const { client } = this.#link;
    return openChannel<ClientChannel>(this.#link, signal, (given) => client.openssh_forwardOutStreamLocal(path, given));
  }

  traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    const { bytesRead, bytesWritten, writableLength } = this.#link.socket;
    // Node counts as written what still waits in the process: that is no progress.
    return { receivedBytes: bytesRead, sentBytes: bytesWritten - writableLength };
  }

  end(): void {
    this.#link.client.end();
  }

  destroy(): void {
    this.#link.socket.destroy();
  }
}
