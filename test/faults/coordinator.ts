import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Event } from '../../src/core/event.ts';
import { readEvent } from '../core/read-event.ts';
import type { Lease } from '../fleet/lease.ts';

/** How a run of flurry ended. */
export interface CoordinatorEnd {
  readonly code: number | null;
  /** What it said of its host; absent where it was killed. */
  readonly verdict?: string;
  readonly problem: string;
  /** Its last words, for a failed assertion. */
  readonly tail: string;
}

/** A flurry that runs, in its own process group. */
export interface Coordinator {
  /** Rejects where an event was not as docs/events.schema.json says. */
  readonly ended: Promise<CoordinatorEnd>;
  readonly hasEnded: () => boolean;
  /** By `kill`, not because it was not done in time. */
  readonly wasKilled: () => boolean;
  /** What the host's units printed, as it was shown. */
  readonly logged: () => readonly string[];
  /** The deployment's id, once it was said. */
  readonly deployment: () => string | undefined;
  /** Kills it as a laptop that is shut. Nothing happens where it has ended. */
  kill(): void;
}

export interface Wish {
  readonly program: string;
  readonly flake: string;
  readonly lease: Lease;
  readonly words: readonly string[];
  readonly limitMs: number;
}

/** Starts the real program with an empty home and the lease's ssh_config. It is killed where it does not end in time. */
export function startCoordinator({ program, flake, lease, words, limitMs }: Wish): Coordinator {
  const home = join(lease.directory, 'home');
  mkdirSync(home, { recursive: true });
  const child = spawn(process.execPath, [program, '-o', 'json', '--flake', flake, ...words], {
    cwd: lease.directory,
    detached: true,
    env: {
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
      HOME: home,
      LC_ALL: 'C.UTF-8',
      GIT_CONFIG_NOSYSTEM: '1',
      FLURRY_SSH_CONFIG: lease.sshConfig,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Event[] = [];
  const said: string[] = [];
  let killed = false;
  let violation: string | undefined;
  const listen = (stream: NodeJS.ReadableStream, onLine: (line: string) => void): void => {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      said.push(line);
      onLine(line);
    });
  };
  listen(child.stdout, (line) => {
    try {
      events.push(readEvent(line));
    } catch (error) {
      // A coordinator that was killed may leave half a line.
      if (!killed) violation ??= error instanceof Error ? error.message : String(error);
    }
  });
  listen(child.stderr, () => {});
  const kill = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    killed = true;
    process.kill(-child.pid, 'SIGKILL');
  };
  let overdue = '';
  const timer = setTimeout(() => {
    overdue = `not done within ${limitMs} ms\n`;
    kill();
  }, limitMs);
  const ended = new Promise<CoordinatorEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const last = events.at(-1);
      const host = last?.event === 'result' ? last.hosts[0] : undefined;
      const problem = host === undefined ? overdue : `${host.code}: ${host.reason}`;
      const tail = `${overdue}${said.slice(-30).join('\n').slice(-8000)}`;
      if (violation !== undefined) return reject(new Error(`${violation}\n${tail}`));
      resolve({ code, ...(host === undefined ? {} : { verdict: host.verdict }), problem, tail });
    });
  });
  ended.catch(() => {}); // whoever waits is told
  return {
    ended,
    wasKilled: () => killed && overdue === '',
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    logged: () => events.flatMap((event) => (event.event === 'log' && event.phase !== 'copy' ? [event.line] : [])),
    deployment: () => events.find((event) => event.event === 'run-started')?.deployment ?? undefined,
    kill,
  };
}
