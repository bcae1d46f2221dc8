import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlurryError } from '../core/problem.ts';
import type { FlakeSnapshot } from '../core/release.ts';
import { type FlakeMetadata, readMetadata } from './flake-metadata.ts';
import { checkReference } from './flake-reference.ts';
import { parseJson, UnexpectedJson } from './json.ts';
import { inputsWithoutLock, type LocalFlake, localFlake } from './local-flake.ts';
import { runNix } from './run-nix.ts';
import { unlockedInputs } from './unlocked-inputs.ts';
import { branchOf, changedFiles, headOf } from './work-tree.ts';

/** Which flake is wanted, as a person typed it. */
export interface SnapshotRequest {
  readonly reference: string;
  readonly nixArguments: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Copies a flake's source to the coordinator's store and gives what pins it. Writes nothing into the flake's folder.
 * Throws `bad-argument`, `no-nix`, `no-flake`, `no-lock`, `flake-failed`, and the signal's reason.
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<FlakeSnapshot> {
  const { reference, signal } = request;
  checkReference('--flake', reference);
  const local = await localFlake(reference);
  const metadata = await metadataOfLocked(request, local);
  refuseUnlocked(reference, unlockedInputs(metadata.locks, await writtenLock(reference, metadata)));
  const { storePath, narHash, lastModified = 0, rev, subdirectory } = metadata;
  const branch = await branchOfSnapshot(metadata, signal);
  const { repository } = metadata;
  const isDirty = repository !== undefined && rev === undefined;
  const base = isDirty ? await headOf(repository, signal) : undefined;
  return {
    reference,
    storePath,
    narHash,
    lastModified,
    dirtyFiles: await dirtyFiles(metadata, signal),
    ...(rev === undefined ? {} : { rev }),
    ...(base === undefined ? {} : { base }),
    ...(repository === undefined ? {} : { repository }),
    ...(branch === undefined ? {} : { branch }),
    ...(subdirectory === undefined ? {} : { subdirectory }),
  };
}

/** Both questions at once. Where inputs are not locked, Nix would fetch them before it said so, and is stopped. */
async function metadataOfLocked(request: SnapshotRequest, local: LocalFlake | undefined): Promise<FlakeMetadata> {
  const { reference, signal } = request;
  const stop = new AbortController();
  const asked = flakeMetadata({ ...request, signal: AbortSignal.any([signal, stop.signal]) }, local);
  // Told below, unless there is something better to tell.
  asked.catch(() => {});
  const unlocked = local?.found ? await inputsWithoutLock(local.directory, signal) : [];
  if (unlocked.length > 0) {
    stop.abort();
    await asked.catch(() => {});
  }
  refuseUnlocked(reference, unlocked);
  return await asked;
}

/** Asks Nix; `local` decides between `no-flake` and `flake-failed` where Nix fails. Throws both, and `no-nix`. */
export async function flakeMetadata(request: SnapshotRequest, local?: LocalFlake): Promise<FlakeMetadata> {
  const { reference, nixArguments, signal } = request;
  const quiet = ['--no-write-lock-file', '--option', 'warn-dirty', 'false'];
  const end = await runNix(['flake', 'metadata', '--json', ...quiet, ...nixArguments, reference], { signal });
  if (end.kind === 'failed') {
    const code = local?.found === false || saysNoFlake.test(end.said) ? 'no-flake' : 'flake-failed';
    throw new FlurryError({ code, reference, said: end.said });
  }
  try {
    return readMetadata(end.stdout);
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw new FlurryError({ code: 'flake-failed', reference, said: cause.message }, { cause });
  }
}

// Nix's words choose here only between two problems that end alike.
const saysNoFlake = /flake\.nix' (?:in|does)|flake\.nix': No such file|find a flake\.nix|cannot find flake|not a flake/;

function refuseUnlocked(reference: string, inputs: readonly string[]): void {
  if (inputs.length > 0) throw new FlurryError({ code: 'no-lock', reference, inputs });
}

async function writtenLock(reference: string, metadata: FlakeMetadata): Promise<unknown> {
  const folder = join(metadata.storePath, metadata.subdirectory ?? '');
  try {
    await stat(folder);
    const text = await readFile(join(folder, 'flake.lock'), 'utf8').catch(() => '{}');
    return parseJson(text, 'flake.lock');
  } catch (cause) {
    // Not in the store: so do forks of Nix that copy sources only when asked.
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new FlurryError({ code: 'flake-failed', reference, said }, { cause });
  }
}

async function branchOfSnapshot(metadata: FlakeMetadata, signal: AbortSignal): Promise<string | undefined> {
  if (metadata.repository !== undefined && !metadata.fixed) return branchOf(metadata.repository, signal);
  return metadata.ref;
}

async function dirtyFiles(metadata: FlakeMetadata, signal: AbortSignal): Promise<number> {
  if (metadata.repository === undefined || metadata.fixed || metadata.rev !== undefined) return 0;
  // Nix calls the tree dirty, so something has changed, even where git cannot be asked or sees it otherwise.
  return Math.max(1, (await changedFiles(metadata.repository, signal)) ?? 1);
}
