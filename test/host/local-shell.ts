import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Channel, Session } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';

/** A session whose remote shell is a program on this machine: what we say to hosts, without a network. */
export function localShell(command: readonly [string, ...string[]]): Session {
  const [program, ...words] = command;
  return {
    host: { name: 'here', address: 'here' },
    elevation: 'sudo',
    async openShell(): Promise<Channel> {
      const child = spawn(program, words, { stdio: 'pipe', detached: true });
      const ended = once(child, 'close').then(([code, signal]: readonly unknown[]) =>
        typeof code === 'number'
          ? ({ kind: 'exit', code } as const)
          : ({ kind: 'signal', signal: String(signal) } as const),
      );
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        ended,
        close: () => {
          // The whole group: a script's children hold the pipes as well.
          if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
            try {
              process.kill(-child.pid, 'SIGKILL');
            } catch {
              // gone meanwhile
            }
          }
        },
      };
    },
    openSocket: async (path) => {
      throw new FlurryError({ code: 'forward-refused', path, said: 'no sockets here' });
    },
    traffic: () => ({ receivedBytes: 0, sentBytes: 0 }),
    close: async () => {},
  };
}
