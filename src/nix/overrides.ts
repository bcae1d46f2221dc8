import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FlurryError } from '../core/problem.ts';
import type { OverriddenInput } from '../core/release.ts';
import { type FlakeMetadata, storePathForm } from './flake-metadata.ts';
import { checkReference } from './flake-reference.ts';
import { asObject, isObject, maybeCount, maybeText, parseJson, textAt, UnexpectedJson } from './json.ts';
import { type LocalFlake, localFlake } from './local-flake.ts';
import { withPrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';
import { flakeMetadata } from './snapshot.ts';

/** `--override-input INPUT REF`. */
export interface OverrideRequest {
  readonly input: string;
  readonly reference: string;
  readonly nixArguments: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Fetches what stands in for an input, flake or not, so that every host gets the same.
 * Throws `bad-argument`, `no-nix`, `flake-failed`, and the signal's reason.
 */
export async function pinOverride(request: OverrideRequest): Promise<OverriddenInput> {
  const { input } = request;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_/-]*$/.test(input)) {
    const expected = 'the name of an input, or a path of names as a/b';
    throw new FlurryError({ code: 'bad-argument', argument: '--override-input', expected, found: input });
  }
  checkReference('--override-input', request.reference);
  return { input, ...(await flakeOrTree(request)) };
}

type Pins = Omit<OverriddenInput, 'input'>;

async function flakeOrTree(request: OverrideRequest): Promise<Pins> {
  const { reference } = request;
  const local = await localFlake(reference);
  // An input may be a plain tree (`flake = false`), also one inside of a flake; `nix flake metadata` would go up to that.
  try {
    if (local === undefined || !isElsewhere(reference, local)) return pinsOf(await flakeMetadata(request, local));
  } catch (thrown) {
    if (!(thrown instanceof FlurryError) || thrown.problem.code !== 'no-flake') throw thrown;
  }
  return fetchedTree(request);
}

function isElsewhere(reference: string, local: LocalFlake): boolean {
  return isBarePath(reference) && resolve(reference) !== local.directory;
}

function pinsOf({ storePath, narHash, lastModified, rev, subdirectory }: FlakeMetadata): Pins {
  return {
    storePath,
    narHash,
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(rev === undefined ? {} : { rev }),
    ...(subdirectory === undefined ? {} : { subdirectory }),
  };
}

// `nix flake prefetch` of 2.8 always reads the global flake registry, from the network: it is given an empty one.
async function fetchedTree({ reference, nixArguments, signal }: OverrideRequest): Promise<Pins> {
  const tree = await treeReference(reference);
  const end = await withPrivateDirectory(async (directory) => {
    const registry = join(directory, 'registry.json');
    await writeFile(registry, '{"flakes":[],"version":2}');
    const words = ['flake', 'prefetch', '--json', ...nixArguments, '--option', 'flake-registry', registry, tree];
    return runNix(words, { signal });
  });
  if (end.kind === 'failed') throw new FlurryError({ code: 'flake-failed', reference, said: end.said });
  try {
    const answer = asObject(parseJson(end.stdout, 'nix flake prefetch'), 'nix flake prefetch');
    const locked = isObject(answer['locked']) ? answer['locked'] : {};
    const lastModified = maybeCount(locked, 'lastModified');
    const rev = maybeText(locked, 'rev');
    return {
      storePath: textAt(answer, 'storePath', storePathForm, 'a store path'),
      narHash: textAt(answer, 'hash', /^sha256-[A-Za-z0-9+/]{43}=$/, 'a hash as sha256-…='),
      ...(lastModified === undefined ? {} : { lastModified }),
      ...(rev === undefined ? {} : { rev }),
    };
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw new FlurryError({ code: 'flake-failed', reference, said: cause.message }, { cause });
  }
}

// A bare path without flake.nix is not taken by every version; its two full spellings are.
async function treeReference(reference: string): Promise<string> {
  if (!isBarePath(reference)) return reference;
  const path = resolve(reference);
  const repository = await stat(join(path, '.git')).catch(() => undefined);
  return `${repository === undefined ? 'path:' : 'git+file://'}${path}`;
}

function isBarePath(reference: string): boolean {
  return /^[./]/.test(reference) && !reference.includes('?');
}
