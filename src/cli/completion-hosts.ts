import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readFleet } from '../config/fleet/read-fleet.ts';
import { asObject, asTexts, parseJson } from '../nix/json.ts';
import { localFlake } from '../nix/local-flake.ts';
import { readOutputs } from '../nix/outputs.ts';
import { takeSnapshot } from '../nix/snapshot.ts';
import type { Environment } from '../report/capability.ts';
import { knownWords } from './known-words.ts';

// A file that flake.nix imports may change without a sign.
const oldestMs = { known: 3_600_000, failed: 60_000 } as const;
const shortPatienceMs = 4000;

/**
 * Gives the words that mean something of the flake, `knownWords`, for a completion: from the cache, else evaluated as a deployment does it, within seconds, without
 * asking anybody and without network. Where that fails they are those known last, and it is not tried again for a
 * minute. Never throws.
 */
export async function knownHosts(
  reference: string,
  environment: Environment,
  patienceMs = shortPatienceMs,
): Promise<readonly string[]> {
  try {
    const place = await placeOf(reference, environment);
    const cached = await readCache(place);
    if (cached?.stamp === place.stamp && Date.now() - cached.at < oldestMs[cached.outcome]) return cached.names;
    const names = await evaluated(reference, patienceMs).catch(() => undefined);
    const kept = names ?? cached?.names ?? [];
    await writeCache(place, kept, names === undefined ? 'failed' : 'known').catch(() => undefined);
    return kept;
  } catch {
    return [];
  }
}

/** Keeps the words that a run has learned, for completions. Never throws. */
export async function rememberHosts(
  reference: string,
  names: readonly string[],
  environment: Environment,
): Promise<void> {
  await placeOf(reference, environment)
    .then((place) => writeCache(place, names, 'known'))
    .catch(() => undefined);
}

const nowhere = 'http://127.0.0.1:9';
/** Nothing below us may open a window, or reach out: with --offline Nix still fetches what it has never had. */
const secluded = {
  SSH_ASKPASS: 'false',
  GIT_ASKPASS: 'false',
  GIT_ALLOW_PROTOCOL: 'file',
  // Port 9 discards, where there is anybody at all; curl reads these.
  http_proxy: nowhere,
  https_proxy: nowhere,
  all_proxy: nowhere,
  no_proxy: '',
  HTTPS_PROXY: nowhere,
  ALL_PROXY: nowhere,
  NO_PROXY: '',
} as const;

async function evaluated(reference: string, patienceMs: number): Promise<readonly string[]> {
  // This process lives for one answer.
  Object.assign(process.env, secluded);
  const nixArguments = ['--offline'];
  const signal = AbortSignal.timeout(patienceMs);
  const snapshot = await takeSnapshot({ reference, nixArguments, signal });
  const { flurry, configurations } = await readOutputs({ snapshot, overrides: [], nixArguments, signal });
  return knownWords(readFleet(flurry, configurations), configurations);
}

interface Place {
  readonly file: string;
  /** The flake: its folder, or the reference as it stands. */
  readonly flake: string;
  /** Changes with the flake. */
  readonly stamp: string;
}

interface Cached {
  readonly stamp: string;
  readonly at: number;
  readonly outcome: keyof typeof oldestMs;
  readonly names: readonly string[];
}

async function placeOf(reference: string, environment: Environment): Promise<Place> {
  const local = await localFlake(reference);
  const flake = local === undefined ? reference : `${local.directory} ${reference.split('?')[1] ?? ''}`;
  const name = createHash('sha256').update(flake).digest('hex').slice(0, 32);
  const caches = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache');
  return {
    file: join(caches, 'flurry', 'hosts', `${name}.json`),
    flake,
    stamp: local === undefined ? '' : await stampOf(local.directory),
  };
}

/** A new file of a git flake counts for Nix once it is in the index. */
async function stampOf(directory: string): Promise<string> {
  const files = ['flake.nix', 'flake.lock'].map((name) => join(directory, name));
  for (let folder = directory; folder !== dirname(folder); folder = dirname(folder))
    files.push(join(folder, '.git', 'index'));
  const stamps = files.map((file) =>
    stat(file).then(
      ({ mtimeMs, size }) => `${mtimeMs}/${size}`,
      () => '-',
    ),
  );
  return (await Promise.all(stamps)).join(' ');
}

/** Whatever else is in the file counts as nothing. */
async function readCache({ file, flake }: Place): Promise<Cached | undefined> {
  try {
    const cached = asObject(parseJson(await readFile(file, 'utf8'), file), file);
    const { stamp, at, outcome } = cached;
    if (cached['flake'] !== flake || typeof stamp !== 'string' || typeof at !== 'number') return undefined;
    if (outcome !== 'known' && outcome !== 'failed') return undefined;
    return { stamp, at, outcome, names: asTexts(cached['names'], 'names') };
  } catch {
    return undefined;
  }
}

async function writeCache(
  { file, flake, stamp }: Place,
  names: readonly string[],
  outcome: Cached['outcome'],
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, JSON.stringify({ flake, stamp, at: Date.now(), outcome, names }), { mode: 0o600 });
  await rename(next, file);
}
