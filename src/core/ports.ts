import type { Host } from './host.ts';

/** How a remote program ended. `lost`: the connection went away first, so nobody knows. */
export type ChannelEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'lost' };

/** A remote shell that reads its script from `stdin`. Both outputs must be read, or the channel stalls. */
export interface Channel {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  /** Settles once, after both outputs ended; never rejects. */
  readonly ended: Promise<ChannelEnd>;
  /** Ends the remote program as far as the transport can, and the channel in any case. */
  close(): void;
}

/** Who the remote shell runs as. The remote command is a constant for each: nothing is spliced into it. */
export type Shell = 'user' | 'root';

/** By what whoever logs in becomes root; `none`: by nothing, so that only a login as root is. */
export type Elevation = 'none' | 'sudo' | 'doas' | 'run0';
/** Where a connection leads. */
export interface Way {
  /** Of the host, as its ssh configuration resolves it. */
  readonly address: string;
  /** Of the hosts through which it goes, the nearest one to the host first. */
  readonly jumps: readonly string[];
}

/**
 * One authenticated connection to one host, behind which stands ssh2, OpenSSH or no connection at all.
 * Every method throws a FlurryError with the code `connection-lost` once the connection is gone.
 */
export interface Session {
  readonly host: Host;
  readonly elevation: Elevation;
  /** Absent where there is no such thing. */
  readonly way?: Way;
  /** Told what is asked of the host, where somebody wants to know. */
  readonly say?: (line: string) => void;
  /**
   * One of root is opened by `elevation`, whoever logged in. Where that does not work, either this throws no-privilege, or
   * the channel ends without a shell.
   */
  openShell(shell: Shell, signal: AbortSignal): Promise<Channel>;
  /** Connects to a Unix socket on the host. Throws `forward-refused` where the server does not allow it. */
  openSocket(path: string, signal: AbortSignal): Promise<NodeJS.ReadWriteStream>;
  /** Total bytes received and sent, for stall limits. */
  traffic(): { readonly receivedBytes: number; readonly sentBytes: number };
  /** Closes the connection; never throws, may be called twice. */
  close(): Promise<void>;
}

/** Opens the connection to a host: resolved, host key verified, authenticated. Throws a FlurryError otherwise. */
export type Connect = (
  host: Host,
  options: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** Told by which way the host is reached, and why. Untrusted text. */
    readonly say?: (line: string) => void;
  },
) => Promise<Session>;

/** The person at the terminal, asked one question at a time; where there is no terminal, nobody is asked. */
export interface Person {
  /** Reads an answer that the screen does not show. Undefined: nobody can be asked, or will not say (Ctrl-D). */
  secret(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Reads a line that is seen as it is typed. Undefined as for `secret`. */
  line(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Anything but y or yes is no, and so are the signal, the end of input and nobody being there. */
  yes(question: string, signal: AbortSignal): Promise<boolean>;
  /** Tells something at once, like that a key waits to be touched. */
  tell(text: string): void;
}
