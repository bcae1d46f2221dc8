import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface DelayProxy {
  readonly port: number;
  /** From now on nothing passes, and nobody is told; connections stay open. */
  stall(): void;
  resume(): void;
  close(): Promise<void>;
}

export interface DelayOptions {
  readonly address: string;
  readonly port?: number;
  /** One way; a round trip takes twice as long. */
  readonly delayMs: number;
}

/** A TCP proxy on loopback that delivers each byte later: tc's netem is missing from some kernels. */
export async function delayProxy(options: DelayOptions): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const line = { stalled: false, waiting: new Set<() => void>() };
  const server = createServer((near) => {
    const far = connect({ host: options.address, port: options.port ?? 22 });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // A proxy has no opinion of its own: one side's end is the other's.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(delayed(options.delayMs, line)).pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  return {
    port: bound.port,
    stall: () => {
      line.stalled = true;
    },
    resume: () => {
      line.stalled = false;
      for (const go of line.waiting) go();
      line.waiting.clear();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Chunks leave in order, each `delayMs` after it came in: a long line, not a thin one. */
function delayed(delayMs: number, line: { stalled: boolean; waiting: Set<() => void> }): Transform {
  let last: Promise<void> = Promise.resolve();
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const due = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
      const before = last;
      last = Promise.all([due, before]).then(async () => {
        while (line.stalled) await new Promise<void>((resolve) => line.waiting.add(resolve));
        if (!stream.destroyed) stream.push(chunk);
      });
      done();
    },
    flush(done) {
      void last.then(() => done());
    },
  });
  return stream;
}
