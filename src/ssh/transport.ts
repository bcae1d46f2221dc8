import type { Channel } from '../core/ports.ts';
import type { RemoteCommand } from './remote-command.ts';

/**
 * One connection to one host, of whatever kind; it runs commands as whoever logged in. Every method throws a
 * FlurryError with the code `connection-lost` once the connection is gone.
 */
export interface Transport {
  runCommand(command: RemoteCommand, signal: AbortSignal): Promise<Channel>;
  /** Connects to a Unix socket on the host. Throws `forward-refused` where the server does not allow it. */
  openSocket(path: string, signal: AbortSignal): Promise<NodeJS.ReadWriteStream>;
  /** Total bytes received and sent, for stall limits. */
  traffic(): { readonly receivedBytes: number; readonly sentBytes: number };
  /** Closes the connection; never throws, may be called twice. */
  close(): Promise<void>;
}
