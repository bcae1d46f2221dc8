import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { asTexts, parseJson } from './json.ts';
import { runNix } from './run-nix.ts';
import { lockedInputs } from './unlocked-inputs.ts';

/** A flake in a folder of this machine, as far as a reference tells without asking Nix. */
export interface LocalFlake {
  readonly directory: string;
  /** Whether a flake.nix is there. */
  readonly found: boolean;
}

/** Finds the folder that a reference means; undefined where it means another place or another revision than the folder's. */
export async function localFlake(reference: string): Promise<LocalFlake | undefined> {
  const [place = '', query = ''] = splitOnce(reference, '?');
  const parameters = new URLSearchParams(query);
  if (parameters.has('ref') || parameters.has('rev')) return undefined;
  const dir = parameters.get('dir') ?? '';
  if (place.startsWith('path:') || place.startsWith('git+file:')) {
    const path = place.slice(place.indexOf(':') + 1).replace(/^\/\/(?=\/)/, '');
    const directory = resolve(decoded(path), dir);
    return { directory, found: await hasFlake(directory) };
  }
  if (!place.startsWith('.') && !place.startsWith('/')) return undefined;
  const start = resolve(place, dir);
  // Nix too looks for flake.nix in the folders above.
  for (let directory = start; ; directory = dirname(directory)) {
    if (await hasFlake(directory)) return { directory, found: true };
    if (directory === dirname(directory)) return { directory: start, found: false };
  }
}

/**
 * Names the inputs that a folder's flake.nix has and its flake.lock lacks, without fetching anything: where inputs are
 * missing, every Nix fetches them before it says a word about the lock file. Empty where this cannot be told.
 */
export async function inputsWithoutLock(directory: string, signal: AbortSignal): Promise<readonly string[]> {
  const list =
    'flake: builtins.attrNames (flake.inputs or { }) ++ builtins.attrNames (builtins.functionArgs flake.outputs)';
  const file = join(directory, 'flake.nix');
  const end = await runNix(['eval', '--json', '--file', file, '--apply', list, ''], { signal });
  if (end.kind === 'failed') return [];
  try {
    const lock = await readFile(join(directory, 'flake.lock'), 'utf8').catch(() => undefined);
    const locked = lock === undefined ? [] : lockedInputs(parseJson(lock, 'flake.lock'));
    const declared = new Set(asTexts(parseJson(end.stdout, 'inputs'), 'inputs'));
    return [...declared].filter((input) => input !== 'self' && !locked.includes(input)).sort();
  } catch {
    // Neither is ours to judge: Nix says what is wrong with the lock file.
    return [];
  }
}

async function hasFlake(directory: string): Promise<boolean> {
  return stat(join(directory, 'flake.nix')).then(
    () => true,
    () => false,
  );
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
