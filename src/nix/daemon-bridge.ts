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

/** A bridge at work; `movedBytes` counts what passed in both directions. */
export interface Bridge {
  readonly movedBytes: () => number;
}

/** Runs `use` while each connection to a local Unix socket is carried to a daemon; closes them all afterwards. */
export async function withDaemonBridge<T>(request: BridgeRequest, use: (bridge: Bridge) => Promise<T>): Promise<T> {
  const closing = new AbortController();
  const sockets = new Set<Socket>();
  const connections = new Set<Promise<void>>();
  // A client that has said its last word still reads the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    connections.add(carry(socket, request, closing.signal));
  });
  try {
    server.listen(request.socketPath);
    await once(server, 'listening');
    server.on('error', request.onFailure);
    // Whoever can open it acts as the deploying user at the host's daemon. Its directory is private as well.
    await chmod(request.socketPath, 0o600);
    return await use({ movedBytes: () => total(sockets) });
  } finally {
    closing.abort();
    await Promise.all([close(server), ...connections]);
  }
}

/** Never rejects. */
async function carry(socket: Socket, request: BridgeRequest, closing: AbortSignal): Promise<void> {
  // Until the pipelines listen, nobody else does.
  socket.on('error', () => undefined);
  try {
    const daemon = await request.openDaemon(closing);
    await pipeBoth(socket, daemon, closing).catch((thrown: unknown) => {
      // Most errors of a stream are seen by the client as well, and Nix tells them; a FlurryError knows more.
      if (!closing.aborted && thrown instanceof FlurryError) request.onFailure(thrown);
    });
  } catch (thrown) {
    if (!closing.aborted) request.onFailure(thrown);
  } finally {
    socket.destroy();
  }
}

async function pipeBoth(socket: Socket, daemon: NodeJS.ReadWriteStream, signal: AbortSignal): Promise<void> {
  daemon.on('error', () => undefined);
  await Promise.all([pipeline(socket, daemon, { signal }), pipeline(daemon, socket, { signal })]);
}

function total(sockets: ReadonlySet<Socket>): number {
  let bytes = 0;
  for (const socket of sockets) bytes += socket.bytesRead + socket.bytesWritten;
  return bytes;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
