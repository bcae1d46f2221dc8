import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { FlurryError, type Problem } from '../../src/core/problem.ts';

/** Folders with flakes, made for one test file; the home directory and all settings are its own as well. */
export const root = realpathSync(mkdtempSync(join(tmpdir(), 'flurry-test-nix-')));
after(() => {
  spawnSync('chmod', ['-R', 'u+w', root]);
  rmSync(root, { recursive: true, force: true });
});

mkdirSync(join(root, 'home'));
writeFileSync(join(root, 'registry.json'), '{"flakes":[],"version":2}');
Object.assign(process.env, {
  HOME: join(root, 'home'),
  XDG_CACHE_HOME: join(root, 'home/.cache'),
  XDG_CONFIG_HOME: join(root, 'home/.config'),
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_AUTHOR_DATE: '2026-11-22T00:00:00Z',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
  GIT_COMMITTER_DATE: '2026-11-22T00:00:00Z',
  GIT_CONFIG_NOSYSTEM: '1',
  NIX_CONFIG: `build-users-group =\nsubstituters =\nflake-registry = ${join(root, 'registry.json')}`,
});

/** Why tests that need Nix are left out; false where they run. */
export const withoutNix = spawnSync('nix', ['--version']).status === 0 ? false : 'no nix in PATH';

/** A signal for what should take milliseconds. */
export const soon = (): AbortSignal => AbortSignal.timeout(30_000);

/** Writes files below the test's root, and gives the folder's path. */
export function tree(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return join(root, name);
}

/** The same as a git repository with everything committed on the branch `main`. */
export function repository(name: string, files: Readonly<Record<string, string>>): string {
  const folder = tree(name, files);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  commit(folder);
  return folder;
}

export function commit(folder: string): string {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message=x');
  return git(folder, 'rev-parse', 'HEAD');
}

export function git(folder: string, ...words: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8' }).trim();
}

/** Runs Nix as a person would, for what a test compares with. */
export function nix(...words: readonly string[]): string {
  const features = ['--extra-experimental-features', 'nix-command flakes'];
  return execFileSync('nix', [...features, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/**
 * A flake that needs no nixpkgs; its toplevel depends on the source, the revision and the time. It asks for the source
 * as `sourceInfo.outPath`, since Nix changed what `outPath` is in a subdirectory: 2.8 gives the source, 2.26 the folder.
 */
export function flake(options: { readonly inputs?: string; readonly extra?: string } = {}): string {
  const { inputs = '', extra = '""' } = options;
  return `{
    ${inputs}
    outputs = { self, ... }@inputs: {
      nixosConfigurations = builtins.listToAttrs (map (name: {
        inherit name;
        value.config.nixpkgs.hostPlatform.system = "x86_64-linux";
        value.config.system.build.toplevel = derivation {
          name = "nixos-system-test";
          system = "x86_64-linux";
          builder = "/bin/sh";
          source = self.sourceInfo.outPath;
          rev = self.rev or "none";
          inherit (self) lastModified;
          extra = ${extra};
        };
      }) [ "web2" "web1" ]);
    };
  }`;
}

export const toplevel = (name: string): string => `nixosConfigurations.${name}.config.system.build.toplevel`;

/** Everything below a folder with size, times and content, to compare before with after. */
export function inventory(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mtimeMs, size, isFile } = fileAt(join(folder, name));
      return `${name} ${mtimeMs} ${isFile ? `${size} ${readFileSync(join(folder, name)).toString('base64')}` : ''}`;
    });
}

function fileAt(path: string): { readonly mtimeMs: number; readonly size: number; readonly isFile: boolean } {
  const found = statSync(path);
  return { mtimeMs: found.mtimeMs, size: found.size, isFile: found.isFile() };
}

/** Gives the problem that a promise ends with. */
export async function problemFrom(promise: Promise<unknown>): Promise<Problem> {
  const thrown = await promise.then(
    (value) => new Error(`expected a problem, found ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (thrown instanceof FlurryError) return thrown.problem;
  throw thrown;
}

/** Names that an attribute of Nix can have. */
export const oddNames = [
  'a.b',
  'a b',
  'ü',
  'a#b',
  'a?b',
  'a%41',
  'a^b',
  '',
  "a'b",
  `\${x}`,
  'a\\b',
  '-x',
  'a/b',
  '*',
  'a\nb',
];
