import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Event, HostResult } from '../../src/core/event.ts';
import { readEvent } from '../core/read-event.ts';
import type { Lease } from '../fleet/lease.ts';

/** How a run of flurry ended, and all that it said. */
export interface FlurryEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** The most memory that the process held at once. */
  readonly peakMemoryMiB: number;
  /** The command and its last words, for messages of assertions. */
  readonly tail: string;
  /** With `-o json`: every line of standard output, each as docs/events.schema.json says; `ended` rejects otherwise. */
  readonly events: readonly Event[];
  /** With `-o json`: the last line's account of the host. */
  result(host: string): HostResult;
}

export interface FlurryOptions {
  /** The working directory; the lease's folder unless told. */
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
  /** Without the lease's ssh_config and the short settle time. */
  readonly bare?: boolean;
}

/** What a run takes of a lease. */
export type LeaseFiles = Pick<Lease, 'directory' | 'sshConfig'>;

/** A flurry that runs. */
export interface RunningFlurry {
  readonly pid: number;
  /** Settles when the process has ended. Rejects where it was not done within its limit, or an event is not as it should be. */
  readonly ended: Promise<FlurryEnd>;
  /** Waits for an event; rejects if flurry ends without it. */
  until<E extends Event>(what: string, found: (event: Event) => event is E): Promise<E>;
  until(what: string, found: (event: Event) => boolean): Promise<Event>;
  kill(signal: NodeJS.Signals): void;
}

/** The program under test: the built one of this tree. */
export const flurryProgram =
  process.env['FLURRY_TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/flurry.js', import.meta.url));

/** Runs flurry with `-o json` against the hosts of a lease, to its end. */
export async function flurry(
  lease: LeaseFiles,
  args: readonly string[],
  options: FlurryOptions = {},
): Promise<FlurryEnd> {
  return await startFlurry(lease, ['-o', 'json', ...args], options).ended;
}

/** Runs flurry as a person without a terminal sees it: plain lines. */
export async function flurryLines(
  lease: LeaseFiles,
  args: readonly string[],
  options: FlurryOptions = {},
): Promise<FlurryEnd> {
  return await startFlurry(lease, args, options).ended;
}

/** Starts flurry in its own process group, with a home of the lease's and nothing of the user's environment. */
export function startFlurry(lease: LeaseFiles, args: readonly string[], options: FlurryOptions = {}): RunningFlurry {
  const child = spawn(process.execPath, [flurryProgram, ...args], {
    ...processOptions(lease, options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? -1;
  return watchFlurry({ child, stdout: child.stdout, stderr: child.stderr, pid: () => pid }, args, options);
}

/** The folder, home and environment in which flurry is started, in a process group of its own. */
export function processOptions(lease: LeaseFiles, options: FlurryOptions): SpawnOptions & { readonly detached: true } {
  const home = join(lease.directory, 'home');
  mkdirSync(home, { recursive: true });
  return {
    cwd: options.cwd ?? lease.directory,
    detached: true,
    env: { ...environment(home, options.bare === true ? undefined : lease.sshConfig), ...options.environment },
  };
}

/** A process that has been started, and what it says. */
export interface StartedFlurry {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Of flurry itself, which may be a child of the child. */
  readonly pid: () => number;
}

/** Reads what flurry says to its end, within a limit. */
export function watchFlurry(started: StartedFlurry, args: readonly string[], options: FlurryOptions): RunningFlurry {
  const { child, stdout, stderr, pid } = started;
  const limitMs = options.limitMs ?? 120_000;
  const startedAt = performance.now();
  const events: Event[] = [];
  let violation: string | undefined;
  const listeners = new Set<() => void>();
  const said = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said.stdout += chunk;
  });
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said.stderr += chunk;
  });
  createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    // With `-o json` there is nothing between the events.
    if (!line.startsWith('{') && events.length === 0) return;
    try {
      events.push(readEvent(line));
    } catch (error) {
      violation ??= error instanceof Error ? error.message : String(error);
    }
    for (const listener of listeners) listener();
  });
  const tail = (): string =>
    `flurry ${args.join(' ')}\n${said.stdout.trimEnd().split('\n').slice(-12).join('\n').slice(-6000)}\n${said.stderr.slice(-4000)}`;
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(pid()));
  }, 100);
  const kill = (signal: NodeJS.Signals): void => {
    if (pid() > 0 && child.exitCode === null && child.signalCode === null) process.kill(pid(), signal);
  };
  let overdue = false;
  const timer = setTimeout(() => {
    overdue = true;
    kill('SIGKILL');
  }, limitMs);
  const ended = new Promise<FlurryEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      clearInterval(watch);
      const peakMemoryMiB = Math.round(peakKiB / 1024);
      const seconds = (performance.now() - startedAt) / 1000;
      const end = { code, signal, ...said, events, seconds, peakMemoryMiB };
      const told = tail();
      if (overdue) return reject(new Error(`not done within ${limitMs} ms: ${told}`));
      // One that was killed may leave half a line.
      if (violation !== undefined && signal !== 'SIGKILL') return reject(new Error(`${violation}\n${told}`));
      resolve({ ...end, tail: told, result: (host) => resultOf(events, host, told) });
      for (const listener of listeners) listener();
    });
  });
  ended.catch(() => {}); // whoever waits is told
  return {
    get pid() {
      return pid();
    },
    ended,
    kill,
    async until(what: string, found: (event: Event) => boolean): Promise<never> {
      return (await new Promise<Event>((resolve, reject) => {
        const look = (): void => {
          const event = events.find(found);
          if (event !== undefined) resolve(event);
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`flurry ended without: ${what}\n${tail()}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      })) as never;
    },
  };
}

/** Linux tells it of a process that runs; elsewhere, and of one that is gone, 0. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function resultOf(events: readonly Event[], host: string, told: string): HostResult {
  const last = events.at(-1);
  const result = last?.event === 'result' ? last.hosts.find((one) => one.host === host) : undefined;
  if (result === undefined) throw new Error(`no result for ${host}: ${told}`);
  return result;
}

function environment(home: string, sshConfig: string | undefined): Record<string, string> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(':');
  return {
    PATH: path,
    HOME: home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(sshConfig === undefined ? {} : { FLURRY_SSH_CONFIG: sshConfig, FLURRY_SETTLE: '500ms' }),
  };
}
