import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { FlurryError } from '../core/problem.ts';

/**
 * Opens a new connection to a Nix daemon; called once for each connection that a client makes. Settles soon after the
 * signal fires.
 */
export type OpenDaemon = (signal: AbortSignal) => Promise<NodeJS.ReadWriteStream>;

/** What a Nix daemon's socket on this machine needs. */
export interface BridgeRequest {
  readonly socketPath: string;
  readonly openDaemon: OpenDaemon;
  /** Hears why a connection failed, where that is known better than the Nix client could tell it. */
  readonly onFailure: (thrown: unknown) => void;
}

/** A bridge at work. */
export interface Bridge {
  /** Counts what passed in both directions. */
  readonly movedBytes: () => number;
  /** Counts what the client has given, for the daemon. */
  readonly givenBytes: () => number;
  /**
   * Whether a daemon has closed a connection that its client had not. Only clients end connections, so nothing that
   * such a client says counts: `nix copy` of 2.8 exits 0 when the daemon goes away in the middle of a path.
   */
  readonly lostDaemon: () => boolean;
}

/** Runs `use` while each connection to a local Unix socket is carried to a daemon; closes them all afterwards. */
export async function withDaemonBridge<T>(request: BridgeRequest, use: (bridge: Bridge) => Promise<T>): Promise<T> {
  const closing = new AbortController();
  const sockets = new Set<Socket>();
  const connections = new Set<Promise<void>>();
  let lostDaemon = false;
  const onLostDaemon = (): void => {
    lostDaemon = true;
  };
  // A client that has said its last word still reads the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    connections.add(carry({ ...request, socket, onLostDaemon, closing: closing.signal }));
  });
  try {
    server.listen(request.socketPath);
    await once(server, 'listening');
    server.on('error', request.onFailure);
    // Whoever can open it acts as the deploying user at the host's daemon. Its directory is private as well.
    await chmod(request.socketPath, 0o600);
    return await use({
      movedBytes: () => given(sockets) + taken(sockets),
      givenBytes: () => given(sockets),
      lostDaemon: () => lostDaemon,
    });
  } finally {
    closing.abort();
    await Promise.all([close(server), ...connections]);
  }
}

interface Connection extends BridgeRequest {
  readonly socket: Socket;
  readonly onLostDaemon: () => void;
  readonly closing: AbortSignal;
}

/** Never rejects. */
async function carry(connection: Connection): Promise<void> {
  const { socket, openDaemon, onFailure, closing } = connection;
  // Until the pipelines listen, nobody else does.
  socket.on('error', () => undefined);
  try {
    const daemon = await openDaemon(closing);
    await pipeBoth(connection, daemon).catch((thrown: unknown) => {
      // Most errors of a stream are seen by the client as well, and Nix tells them; a FlurryError knows more.
      if (!closing.aborted && thrown instanceof FlurryError) onFailure(thrown);
    });
  } catch (thrown) {
    if (!closing.aborted) onFailure(thrown);
  } finally {
    socket.destroy();
  }
}

async function pipeBoth(connection: Connection, daemon: NodeJS.ReadWriteStream): Promise<void> {
  const { socket, onLostDaemon, closing: signal } = connection;
  // Heard before the client can: by then it may have exited.
  const onEnd = (): void => {
    if (!signal.aborted && !socket.readableEnded) onLostDaemon();
  };
  daemon
    .on('error', () => undefined)
    .once('end', onEnd)
    .once('close', onEnd);
  const toClient = async (): Promise<void> => {
    await pipeline(daemon, socket, { signal });
    // Nobody reads on there: whatever the client still sends would wait for ever.
    if (!socket.readableEnded) socket.destroy();
  };
  await Promise.all([pipeline(socket, daemon, { signal }), toClient()]);
}

function given(sockets: ReadonlySet<Socket>): number {
  let bytes = 0;
  for (const socket of sockets) bytes += socket.bytesRead;
  return bytes;
}

function taken(sockets: ReadonlySet<Socket>): number {
  let bytes = 0;
  for (const socket of sockets) bytes += socket.bytesWritten;
  return bytes;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
