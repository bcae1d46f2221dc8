import { Duplex } from 'node:stream';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { scripts } from './scripts.ts';

const socket = '/nix/var/nix/daemon-socket/socket';

export type OpenDaemon = (signal: AbortSignal) => Promise<NodeJS.ReadWriteStream>;

/**
 * Finds how to reach the host's Nix daemon, with one throw-away channel, and gives the way to open further ones: its
 * forwarded Unix socket, or `nix-daemon --stdio` where the server refuses to forward (AllowStreamLocalForwarding no).
 *
 * Throws connection-lost; opening throws no-nix-on-host where there is no nix-daemon either.
 */
export async function reachDaemon(session: Session, shell: Shell, signal: AbortSignal): Promise<OpenDaemon> {
  try {
    const probe = await session.openSocket(socket, signal);
    probe.on('error', () => {}); // it is thrown away
    probe.end();
    probe.resume();
    return (each) => session.openSocket(socket, each);
  } catch (error) {
    if (!(error instanceof FlurryError && error.problem.code === 'forward-refused')) throw error;
    return (each) => openStdioDaemon(session, shell, each);
  }
}

/**
 * Finds how to reach a Nix daemon that trusts us, for paths that no key has signed: as root by the ordinary way, else by
 * `nix-daemon --stdio` run as root, whoever the daemon's own trusted users are. Whoever deploys may become root there
 * anyway, and nobody need be named as trusted for it. Throws as `reachDaemon`.
 */
export async function reachDaemonAsTrusted(session: Session, shell: Shell, signal: AbortSignal): Promise<OpenDaemon> {
  // A login that has to become root first is not root's.
  if (shell === 'root') return (each) => openStdioDaemon(session, shell, each);
  return await reachDaemon(session, shell, signal);
}

const ready = 'flurry-daemon-follows\n';

/** The shell says when it hands its standard input over: what is sent before that, it could still swallow. */
async function openStdioDaemon(session: Session, shell: Shell, signal: AbortSignal): Promise<NodeJS.ReadWriteStream> {
  const channel = await session.openShell(shell, signal);
  const { stdin, stdout } = channel;
  channel.stderr.resume();
  stdin.write(`${scripts.daemon}\n`);
  let seen = Buffer.alloc(0);
  while (!seen.includes(ready)) {
    const chunk = await nextChunk(stdout, signal);
    if (chunk === undefined || seen.length > 64 * 1024) {
      channel.close();
      throw new FlurryError({ code: 'no-nix-on-host' });
    }
    seen = Buffer.concat([seen, chunk]);
  }
  const rest = seen.subarray(seen.indexOf(ready) + ready.length);
  if (rest.length > 0) stdout.unshift(rest);
  const stream = Duplex.from({ writable: stdin, readable: stdout });
  stream.once('close', () => channel.close());
  return stream;
}

/** Gives the next bytes, or nothing at the end of the stream. */
function nextChunk(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      signal.removeEventListener('abort', onAbort);
      how();
    };
    const onReadable = (): void => {
      const chunk: unknown = stream.read();
      if (chunk instanceof Buffer) settle(() => resolve(chunk));
    };
    const onEnd = (): void => settle(() => resolve(undefined));
    const onAbort = (): void => settle(() => reject(signal.reason));
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
    onReadable();
  });
}
