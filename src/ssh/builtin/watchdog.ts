import type { Link } from './link.ts';

export interface Liveness {
  readonly intervalMs: number;
  readonly countMax: number;
}

// Lenient: an activation may restart the host's network.
const defaultLiveness: Liveness = { intervalMs: 15_000, countMax: 4 };

/**
 * Destroys the socket of a peer that has been silent for interval × count. Any byte is life, as for OpenSSH: ssh2's own
 * keepalive counts replies only, and kills uploads on slow links, where its questions wait behind megabytes of data.
 */
export function watchPeer(link: Link, liveness: Liveness = defaultLiveness): void {
  const { client, socket } = link;
  let received = socket.bytesRead;
  let misses = 0;
  const timer = setInterval(() => {
    if (socket.bytesRead !== received) {
      received = socket.bytesRead;
      misses = 0;
      return;
    }
    misses += 1;
    if (misses > liveness.countMax) {
      const seconds = (liveness.intervalMs * liveness.countMax) / 1000;
      socket.destroy(new Error(`the host has not answered for ${seconds} s`));
      return;
    }
    try {
      // A harmless request: nothing is forwarded, so it is refused. Any answer is life.
      client.unforwardIn('127.0.0.1', 1, () => {});
    } catch {
      // ssh2 throws "Not connected" once the socket has ended; its close event is on the way.
    }
  }, liveness.intervalMs);
  timer.unref();
  link.onClosed(() => clearInterval(timer));
}
