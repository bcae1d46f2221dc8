import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { linesOf } from '../lines-of.ts';
import { readyMark } from './openssh-arguments.ts';

/**
 * Runs ssh (the words after the first one) until it ends, or until our end of the standard input is closed, which the
 * end of this process does as well, however it comes: nothing of ours may outlive us. Then the whole process group goes,
 * with what ssh has started, and the directory of the control socket (the first word).
 */
const keeper = `
directory=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{
  trap '' TERM HUP INT
  cat <&3
  kill -TERM 0
  rm -rf "$directory"
  sleep 2
  kill -KILL 0
} >/dev/null 2>&1 &
exec 3<&-
trap : TERM
wait "$ssh"
`;

const stopMs = 2000;
const outputsAfterExitMs = 500;
const keptLines = 400;

/** An `ssh` of our own, with its directory; both are gone after `stop`. */
export interface Master {
  /** True once ssh is logged in and listens on its control socket; false where it ended before. */
  readonly ready: Promise<boolean>;
  /** Settles when ssh has ended; never rejects. */
  readonly ended: Promise<void>;
  /** All that ssh said, the last 400 lines. Untrusted text. */
  readonly said: () => readonly string[];
  /** Never rejects, may be called twice. */
  stop(): Promise<void>;
}

export interface MasterRun {
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Starts it in a process group of its own: a ^C at the terminal is for us to judge. */
export function startMaster({ arguments: words, directory, environment, say }: MasterRun): Master {
  const child = spawn('/bin/sh', ['-c', keeper, 'sh', directory, 'ssh', ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment,
  });
  const lines: string[] = [];
  child.stdin.on('error', () => {});
  linesOf(child.stderr, (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    say(line);
  });
  // `close` comes when all that ssh said has been read too; what it had started may keep its outputs open.
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
    child.once('exit', () => setTimeout(resolve, outputsAfterExitMs).unref());
  });
  let stopping: Promise<void> | undefined;
  return {
    ready: Promise.race([marked(child.stdout), ended.then(() => false)]),
    ended,
    said: () => lines,
    stop: () => {
      stopping ??= stop(child, ended, directory);
      return stopping;
    },
  };
}

function marked(stdout: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    linesOf(stdout, (line) => {
      if (line === readyMark) resolve(true);
    });
    stdout.on('error', () => {});
  });
}

async function stop(child: ChildProcess, ended: Promise<void>, directory: string): Promise<void> {
  killGroup(child.pid, 'SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<void>((resolve) => (timer = setTimeout(resolve, stopMs)));
  await Promise.race([ended, overdue]);
  clearTimeout(timer);
  // The keeper's watch hears no TERM.
  killGroup(child.pid, 'SIGKILL');
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  await rm(directory, { recursive: true, force: true }).catch(() => {});
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended meanwhile.
  }
}
