import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinRelease, withInputs } from '../../src/cli/flake-release.ts';
import { evaluationKey } from '../../src/nix/evaluation-key.ts';

// As captured/observe has it.
const nixVersionOfHosts = '2.26.3';

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
export function checkAll(fleet: Simulated, words: readonly string[], nodeWords: readonly string[] = []) {
  return onAll(fleet, ['check', '--no-flake', ...words], nodeWords);
}

/** The same for `flurry status`. */
export function statusOfAll(fleet: Simulated, words: readonly string[]) {
  return onAll(fleet, ['status', '--no-flake', ...words]);
}

/** Deploys to all of them what by their records they run and boot already. */
export async function deployAll(fleet: Simulated, words: readonly string[]) {
  const flake = join(fleet.directory, 'flake');
  await mkdir(flake, { recursive: true });
  const named = fleet.names.map((name) => `"${name}" = { };`).join(' ');
  await writeFile(join(flake, 'flake.nix'), `{ outputs = _: { nixosConfigurations = { ${named} }; }; }\n`);
  const { signal } = new AbortController();
  const pinned = await pinRelease({ reference: `path:${flake}`, overrides: [], nixArguments: [], signal });
  const release = await withInputs(pinned, 'never', signal);
  const { narHash, lastModified } = release.snapshot;
  const releases = fleet.names.map((configuration) => {
    const evaluation = evaluationKey(release, configuration, nixVersionOfHosts);
    return [configuration, { configuration, narHash, lastModified, evaluation }] as const;
  });
  await writeFile(join(fleet.directory, 'releases.json'), JSON.stringify(Object.fromEntries(releases)));
  return await onAll(fleet, ['deploy', '--flake', `path:${flake}`, ...words]);
}

async function onAll(fleet: Simulated, command: readonly string[], nodeWords: readonly string[] = []) {
  const probe = fileURLToPath(new URL('./scale-probe.mjs', import.meta.url));
  const program = fileURLToPath(new URL('../../bin/flurry.js', import.meta.url));
  const file = join(fleet.directory, 'taken.json');
  const own = [...command, '--ssh-config', join(fleet.directory, 'ssh_config'), ...fleet.names];
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
