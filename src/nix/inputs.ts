import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FlurryError, problemOf } from '../core/problem.ts';
import type { FlakeRelease, LockedInput } from '../core/release.ts';
import { readMetadata } from './flake-metadata.ts';
import { flakeArguments } from './host-reference.ts';
import { asTexts, parseJson, UnexpectedJson } from './json.ts';
import { type CopyInputs, lockedInputs } from './locked-inputs.ts';
import { nixString } from './nix-string.ts';
import { withPrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';
import { runProgram } from './run-program.ts';

type Evaluated = Pick<FlakeRelease, 'snapshot' | 'overrides' | 'nixArguments'>;

/**
 * Lists the inputs of a flake with its overridden inputs, and fetches those that are to be copied to every host.
 * Throws `no-nix`, `flake-failed`, and the signal's reason.
 */
export async function readInputs(
  release: Evaluated,
  policy: CopyInputs,
  signal: AbortSignal,
): Promise<readonly LockedInput[]> {
  const overridden = release.overrides.map(({ storePath }) => storePath);
  const inputs = lockedInputs(await locksOf(release, signal), policy).filter(
    ({ storePath }) => !overridden.includes(storePath),
  );
  await fetchInputs(
    release,
    inputs.filter(({ copied }) => copied === 'first'),
    signal,
  );
  return inputs;
}

/** Sees to it that inputs are in the store of this machine. Throws `no-nix`, `flake-failed`, and the signal's reason. */
export async function fetchInputs(
  { snapshot, nixArguments }: Pick<Evaluated, 'snapshot' | 'nixArguments'>,
  inputs: readonly LockedInput[],
  signal: AbortSignal,
): Promise<void> {
  const failed = (said: string, options?: { readonly cause: unknown }): FlurryError =>
    new FlurryError({ code: 'flake-failed', reference: snapshot.reference, said }, options);
  // Fetched again, a path that has changed since it was locked would be another one.
  const absent = await absentHere(inputs, signal);
  if (absent.length === 0) return;
  const list = nixString(`[${absent.map(({ locked }) => locked).join(',')}]`);
  const fetch = `map (locked: (builtins.fetchTree (builtins.removeAttrs locked [ "dir" ])).outPath) (builtins.fromJSON ${list})`;
  const end = await runNix(['eval', '--json', ...nixArguments, '--expr', fetch], { signal });
  if (end.kind === 'failed') throw failed(end.said);
  try {
    const paths = asTexts(parseJson(end.stdout, 'the inputs'), 'the inputs');
    const other = absent.find(({ storePath }, index) => paths[index] !== storePath);
    if (other !== undefined) throw failed(`the input ${other.name} is not what flake.lock says`);
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw failed(cause.message, { cause });
  }
}

async function absentHere(inputs: readonly LockedInput[], signal: AbortSignal): Promise<readonly LockedInput[]> {
  if (inputs.length === 0) return [];
  const paths = inputs.map(({ storePath }) => storePath);
  const end = await runProgram({
    name: 'nix-store',
    arguments: ['--check-validity', '--print-invalid', ...paths],
    signal,
  });
  if (end.kind === 'missing') throw new FlurryError({ code: 'no-nix', looked: process.env['PATH'] ?? '' });
  // What cannot be told is fetched: that finds what is there as well.
  const invalid = end.kind === 'ok' ? end.stdout.split('\n') : paths;
  return inputs.filter(({ storePath }) => invalid.includes(storePath));
}

/**
 * Tells whether inputs that are overridden as they were typed change what flake.lock pins; where that cannot be told, they
 * do. Nix takes a flake with changed locks for dirty, which has no `self.rev`. Where nothing changes the overridden inputs
 * must be left out: as store paths they would be a change. Throws `no-nix` and the signal's reason.
 */
export async function changeLocks({
  snapshot,
  overrides,
  nixArguments,
  signal,
}: Pick<Evaluated, 'snapshot' | 'nixArguments'> & {
  readonly overrides: readonly Typed[];
  readonly signal: AbortSignal;
}): Promise<boolean> {
  const words = overrides.flatMap(({ input, reference }) => ['--override-input', input, reference]);
  try {
    const used = await usedLocks({ snapshot, overrides: [], nixArguments }, words, signal);
    return !isDeepStrictEqual(used, await writtenLocks(snapshot));
  } catch (error) {
    if (problemOf(error).code === 'flake-failed') return true;
    throw error;
  }
}

interface Typed {
  readonly input: string;
  readonly reference: string;
}

async function locksOf(release: Evaluated, signal: AbortSignal): Promise<unknown> {
  return release.overrides.length === 0 ? await writtenLocks(release.snapshot) : await usedLocks(release, [], signal);
}

async function writtenLocks({ storePath, subdirectory = '' }: Evaluated['snapshot']): Promise<unknown> {
  return parseJson(await readFile(join(storePath, subdirectory, 'flake.lock'), 'utf8').catch(() => '{}'), 'flake.lock');
}

async function usedLocks(release: Evaluated, words: readonly string[], signal: AbortSignal): Promise<unknown> {
  const { reference } = release.snapshot;
  const end = await withPrivateDirectory(async (directory) => {
    const registryPath = join(directory, 'registry.json');
    const { flake, arguments: rest, registry } = flakeArguments(release, registryPath);
    if (registry !== undefined) await writeFile(registryPath, registry);
    return runNix(['flake', 'metadata', '--json', ...rest, ...words, flake], { signal });
  });
  if (end.kind === 'failed') throw new FlurryError({ code: 'flake-failed', reference, said: end.said });
  try {
    return readMetadata(end.stdout).locks;
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw new FlurryError({ code: 'flake-failed', reference, said: cause.message }, { cause });
  }
}
