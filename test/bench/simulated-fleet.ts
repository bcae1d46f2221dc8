import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Simulated {
  readonly names: readonly string[];
  readonly directory: string;
  /** How many connections there were, how many at most at once, and how many are open now. */
  connections(): Promise<{ readonly connections: number; readonly most: number; readonly open: number }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts hosts that are servers in a process of their own; `kindOf` says of each how it behaves (see simulated-hosts.ts). */
export async function simulatedFleet(count: number, kindOf: (index: number) => string): Promise<Simulated> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-simulated-'));
  const program = fileURLToPath(new URL('./simulated-hosts.ts', import.meta.url));
  const kinds = Array.from({ length: count }, (_, index) => kindOf(index));
  const child = fork(program, [directory, ...kinds], { execArgv: ['--import', 'tsx'] });
  await said(child);
  return {
    names: kinds.map((_, index) => `host-${String(index + 1).padStart(3, '0')}`),
    directory,
    async connections() {
      child.send('connections');
      return JSON.parse(JSON.stringify(await said(child)));
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function said(child: ChildProcess): Promise<unknown> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the simulated hosts have ended'))),
  ]);
  return message;
}

/** What the coordinator took: see scale-probe.mjs. */
export interface Taken {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly cpu: number;
  readonly rss: number;
  readonly left: number;
  readonly resources: readonly string[];
  readonly most: { readonly sockets: number; readonly children: number };
}

/** Runs `flurry check` of all of them, and gives what it said and took. */
export async function checkAll(fleet: Simulated, words: readonly string[], nodeWords: readonly string[] = []) {
  const probe = fileURLToPath(new URL('./scale-probe.mjs', import.meta.url));
  const program = fileURLToPath(new URL('../../bin/flurry.js', import.meta.url));
  const file = join(fleet.directory, 'taken.json');
  const own = ['check', '--no-flake', '--ssh-config', join(fleet.directory, 'ssh_config'), ...words, ...fleet.names];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeWords, '--import', probe, program, ...own], {
    cwd: fleet.directory,
    env: { ...process.env, SCALE_PROBE: file, HOME: fleet.directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.stderr += text;
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - startedAt) / 1000;
  if (!existsSync(file)) throw new Error(`flurry left nothing (exit ${code}): ${heard.stderr.slice(-2000)}`);
  const taken: Taken = JSON.parse(await readFile(file, 'utf8'));
  return { code, seconds, taken, ...heard };
}
