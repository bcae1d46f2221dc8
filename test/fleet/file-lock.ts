import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { poll } from './poll.ts';

/** A lock that the kernel frees when its owner dies, however it dies. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * Takes the lock, or returns undefined if another process has it.
 * Node has no flock(2): a small process holds it until its standard input ends, which happens with our death at the
 * latest. So there are no stale locks, and a reused process id cannot mislead anybody.
 */
export async function tryFileLock(path: string): Promise<FileLock | undefined> {
  // A session of its own: Ctrl-C at the terminal must not free the lock while its owner still cleans up.
  const holder = spawn('flock', ['--nonblock', '--no-fork', path, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (!(await isHeld(holder))) return undefined;
  doNotKeepAlive(holder);
  return {
    release: async () => {
      if (holder.exitCode !== null || holder.signalCode !== null) return;
      holder.ref();
      const ended = once(holder, 'exit');
      holder.stdin?.end();
      await ended;
    },
  };
}

/** Takes the lock; rejects if it is not free within the limit. */
export async function fileLock(path: string, limitMs: number): Promise<FileLock> {
  return poll(() => tryFileLock(path), { what: `the lock ${path} is free`, limitMs });
}

async function isHeld(holder: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    holder.stdout?.once('data', () => resolve(true));
    holder.once('exit', () => resolve(false));
    holder.once('error', reject);
  });
}

function doNotKeepAlive(holder: ChildProcess): void {
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout]) if (stream instanceof Socket) stream.unref();
}
