import type { Duplex, Readable } from 'node:stream';
import type { FlurryError } from '../../core/problem.ts';
import type { RemoteCommand } from '../remote-command.ts';

/** What everybody who uses a connection must learn of: its end. */
export interface Lifeline {
  readonly isClosed: boolean;
  /** Calls once, at once where it is closed already; gives the function that takes the listener back. */
  onClosed(listener: () => void): () => void;
  /** The error for whoever still wants something of a closed connection. */
  lostError(): FlurryError;
}

/**
 * A channel of the SSH connection protocol (RFC 4254). It emits `exit` with (code, signal) as told by the host, and
 * `close` with the same once the host has closed it and all output has been taken; without either the connection was
 * lost before the program's end was told.
 */
export interface RemoteChannel extends Duplex {
  readonly stderr: Readable;
  /** Closes our side; what the host still sends is dropped. */
  close(): void;
}

/** A program in a channel, with the way to send it a signal. */
export interface RemoteExec {
  readonly channel: RemoteChannel;
  /** Does nothing where the channel is closed. */
  readonly signal: (name: 'TERM' | 'KILL') => void;
}

/** An authenticated connection that opens channels; whoever made it has proved the host's key. */
export interface ChannelOpener extends Lifeline {
  /** Throws as `openChannel`; an Error with `reason` 2 (RFC 4254, 5.1) where the host has no session left. */
  openCommand(command: RemoteCommand, signal: AbortSignal): Promise<RemoteExec>;
  /** Throws as `openChannel`; the host's own words where it does not lead to that Unix socket. */
  openSocket(path: string, signal: AbortSignal): Promise<RemoteChannel>;
  traffic(): { readonly receivedBytes: number; readonly sentBytes: number };
  /** Says goodbye; `onClosed` tells when it is done. */
  end(): void;
  /** Ends the connection at once. */
  destroy(): void;
}
