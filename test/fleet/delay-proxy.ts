import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface DelayProxy {
  readonly port: number;
  /** How much has come in for the far side. */
  readonly sentBytes: () => number;
  /** From now on nothing passes, and nobody is told; connections stay open. */
  stall(): void;
  resume(): void;
  /** Breaks off what stands; new connections are taken. */
  cut(): void;
  close(): Promise<void>;
}

export interface DelayOptions {
  readonly address: string;
  readonly port?: number;
  /** One way; a round trip takes twice as long. */
  readonly delayMs: number;
  /** Of each connection, each way; endless unless told. */
  readonly bytesPerSecond?: number;
  /** Hears of each connection, and of all that comes in; up is to the far side. */
  readonly onConnection?: () => void;
  readonly onChunk?: (way: 'up' | 'down', bytes: number) => void;
}

/**
 * A TCP proxy on loopback that delivers each byte later, and not more than so many at once: tc's netem is missing from
 * some kernels, and a line of the proxy can be stalled and cut.
 */
export async function delayProxy(options: DelayOptions): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const line: Line = { ...options, stalled: false, waiting: new Set() };
  let sentBytes = 0;
  const server = createServer((near) => {
    const far = connect({ host: options.address, port: options.port ?? 22 });
    options.onConnection?.();
    near.on('data', (chunk) => {
      sentBytes += chunk.length;
      options.onChunk?.('up', chunk.length);
    });
    far.on('data', (chunk) => options.onChunk?.('down', chunk.length));
    for (const [socket, other, way] of [
      [near, far, lane()],
      [far, near, lane()],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // A proxy has no opinion of its own: one side's end is the other's.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(delayed(line, way)).pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: bound.port,
    sentBytes: () => sentBytes,
    stall: () => {
      line.stalled = true;
    },
    resume: () => {
      line.stalled = false;
      for (const go of line.waiting) go();
      line.waiting.clear();
    },
    cut,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

interface Line {
  readonly delayMs: number;
  readonly bytesPerSecond?: number;
  stalled: boolean;
  readonly waiting: Set<() => void>;
}

/** When the last byte of one direction will be through. */
interface Lane {
  freeAt: number;
}

function lane(): Lane {
  return { freeAt: 0 };
}

const queueMs = 20;

/** Chunks leave in order, each `delayMs` after it came in, or later where the line is thin. */
function delayed(line: Line, way: Lane): Transform {
  let last: Promise<void> = Promise.resolve();
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const now = performance.now();
      const takesMs = line.bytesPerSecond === undefined ? 0 : (chunk.length / line.bytesPerSecond) * 1000;
      way.freeAt = Math.max(now, way.freeAt) + takesMs;
      const waitMs = way.freeAt - now;
      const due = new Promise<void>((resolve) => setTimeout(resolve, waitMs + line.delayMs));
      const before = last;
      last = Promise.all([due, before]).then(async () => {
        while (line.stalled) await new Promise<void>((resolve) => line.waiting.add(resolve));
        if (!stream.destroyed) stream.push(chunk);
      });
      // What the line cannot take yet stays with the sender, but for a little: timers are late, and the line is not to lie idle.
      const heldMs = waitMs - queueMs;
      if (heldMs <= 0 && !line.stalled) done();
      else void (line.stalled ? last : new Promise((resolve) => setTimeout(resolve, heldMs))).then(() => done());
    },
    flush(done) {
      void last.then(() => done());
    },
  });
  return stream;
}
