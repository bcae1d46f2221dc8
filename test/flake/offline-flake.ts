import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { repositoryRoot, standInFlake } from '../fleet/paths.ts';
import { type ProgramResult, program } from '../fleet/program.ts';
import { repositoryFiles } from '../repository/files.ts';

/** A copy of this repository's flake, with a stand-in for nixpkgs, on a machine without network. */
export interface OfflineFlake extends AsyncDisposable {
  /** Holds `flurry`, the files that git has or would take, and `nixpkgs`, the stand-in. */
  readonly directory: string;
  readonly flurry: string;
  readonly nixpkgs: string;
  /** The flake's reference. */
  readonly reference: string;
  /** Runs this machine's Nix with the stand-in for the flake's input; `rest` are words that come last. */
  nix(words: readonly string[], rest?: readonly string[]): Promise<ProgramResult>;
}

/** A package of the lock file: where it is from, and the hash of the file. */
export interface Tarball {
  readonly resolved: string;
  readonly integrity: string;
}

/** Makes the copy; it is gone with the value. */
export async function offlineFlake(): Promise<OfflineFlake> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-flake-'));
  const flurry = join(directory, 'flurry');
  const nixpkgs = join(directory, 'nixpkgs');
  for (const path of repositoryFiles()) {
    await mkdir(dirname(join(flurry, path)), { recursive: true });
    await cp(join(repositoryRoot, path), join(flurry, path));
  }
  await cp(join(repositoryRoot, 'test', 'flake', 'stub'), nixpkgs, { recursive: true });
  await cp(standInFlake, join(nixpkgs, 'nixpkgs'), { recursive: true });
  return {
    directory,
    flurry,
    nixpkgs,
    reference: `path:${flurry}`,
    nix: (words, rest = []) =>
      program('nix', [...words, '--override-input', 'nixpkgs', `path:${nixpkgs}`, '--no-write-lock-file', ...rest], {
        timeoutMs: 600_000,
        environment: { NIX_CONFIG: offline.join('\n'), HOME: join(directory, 'home') },
      }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The tarballs of which the flake's package is made. */
export async function tarballsOf(flake: OfflineFlake): Promise<readonly Tarball[]> {
  const { stdout } = await flake.nix(['eval', '--json', `${flake.reference}#flurry.npmDeps.tarballs`]);
  return JSON.parse(stdout);
}

/**
 * Puts the tarballs into a folder, from npm's cache, which `npm ci` has filled; what it lacks is asked of the registry
 * as npm is set up. Gives the files' paths, each named as nixpkgs' fetchurl names it.
 */
export async function fetchTarballs(tarballs: readonly Tarball[], folder: string): Promise<readonly string[]> {
  const cache = (await program('npm', ['config', 'get', 'cache'])).stdout.trim();
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { resolved, integrity } of tarballs) {
    const path = join(folder, basename(resolved));
    await writeFile(path, await contentOf(cache, { resolved, integrity }));
    paths.push(path);
  }
  return paths;
}

/** Adds files to this machine's store, at the paths that a fetch of them would have filled. */
export async function addToStore(paths: readonly string[]): Promise<void> {
  await program('nix-store', ['--add-fixed', 'sha512', ...paths], {
    environment: { NIX_CONFIG: offline.join('\n') },
  });
}

const offline = [
  'extra-experimental-features = nix-command flakes',
  'substituters =',
  'flake-registry =',
  'warn-dirty = false',
  'build-users-group =',
  'sandbox = false',
] as const;

async function contentOf(cache: string, { resolved, integrity }: Tarball): Promise<Buffer> {
  const hex = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  const path = join(cache, '_cacache', 'content-v2', 'sha512', hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  const content = await readFile(path).catch(async () => {
    await program('npm', ['cache', 'add', resolved], { timeoutMs: 120_000 });
    return readFile(path);
  });
  if (createHash('sha512').update(content).digest('hex') !== hex) throw new Error(`${path} is not ${resolved}`);
  return content;
}
