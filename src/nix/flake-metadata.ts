import { asObject, isObject, type JsonObject, maybeCount, maybeText, parseJson, textAt } from './json.ts';

/** What all versions of `nix flake metadata --json` from 2.8 to 2.34 agree upon. */
export interface FlakeMetadata {
  readonly storePath: string;
  readonly narHash: string;
  readonly lastModified?: number;
  readonly rev?: string;
  readonly subdirectory?: string;
  /** The local repository that the reference means, where it is one. */
  readonly repository?: string;
  /** The branch that Nix or the reference names. */
  readonly ref?: string;
  /** Whether the reference itself names a branch, tag or revision. */
  readonly fixed: boolean;
  /** The locks that Nix works with, whether or not they are in the lock file. */
  readonly locks: unknown;
}

/** Throws UnexpectedJson. */
export function readMetadata(text: string): FlakeMetadata {
  const metadata = asObject(parseJson(text, 'nix flake metadata'), 'nix flake metadata');
  const locked = asObject(metadata['locked'], 'locked');
  const resolved = isObject(metadata['resolved']) ? metadata['resolved'] : {};
  const lastModified = maybeCount(metadata, 'lastModified') ?? maybeCount(locked, 'lastModified');
  const subdirectory = normalized(maybeText(locked, 'dir') ?? maybeText(resolved, 'dir') ?? '');
  const repository = localRepository(resolved);
  const ref = maybeText(locked, 'ref')?.replace(/^refs\/heads\//, '');
  return {
    storePath: textAt(metadata, 'path', storePathForm, 'a store path'),
    narHash: textAt(locked, 'narHash', /^sha256-[A-Za-z0-9+/]{43}=$/, 'a hash as sha256-…='),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...('revision' in metadata ? { rev: textAt(metadata, 'revision', /^[0-9a-f]{40,64}$/, 'a revision') } : {}),
    ...(subdirectory === '' ? {} : { subdirectory }),
    ...(repository === undefined ? {} : { repository }),
    ...(ref === undefined || ref === 'HEAD' ? {} : { ref }),
    fixed: 'ref' in resolved || 'rev' in resolved,
    locks: metadata['locks'],
  };
}

/** A path directly in a Nix store, also in one that is not /nix/store. */
export const storePathForm = /^\/[^\0\n]*\/[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+_?=][0-9A-Za-z+._?=-]*$/;

function localRepository(resolved: JsonObject): string | undefined {
  const url = maybeText(resolved, 'url');
  if (maybeText(resolved, 'type') !== 'git' || url === undefined || !url.startsWith('file:')) return undefined;
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return undefined;
  }
}

function normalized(dir: string): string {
  return dir
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
