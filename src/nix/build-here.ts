import { rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease } from '../core/release.ts';
import { storePathForm } from './flake-metadata.ts';
import { hostArguments } from './host-reference.ts';
import { asObject, parseJson, textAt, UnexpectedJson } from './json.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';

export interface BuildOptions {
  readonly signal: AbortSignal;
  /** What Nix and the builders say meanwhile: untrusted, already printable. */
  readonly onLine: (line: string) => void;
}

/** Builds configurations on the coordinator; what was built is a root of garbage collection until it is closed. */
export interface BuilderHere {
  /**
   * Builds a configuration's toplevel, of the very derivation that a host would build, and gives its store path.
   * Throws `bad-argument`, `no-nix`, `build-failed`, `build-killed`, `build-timeout`, and the signal's reason, which ends the build.
   */
  build(configuration: string, options: BuildOptions): Promise<string>;
  /** Lets go of what was built. Never throws. */
  close(): Promise<void>;
}

export function builderHere(release: FlakeRelease, limits: { readonly timeoutMs: number }): BuilderHere {
  let directory: Promise<string> | undefined;
  let count = 0;
  return {
    async build(configuration, options) {
      directory ??= makePrivateDirectory();
      count += 1;
      return await build({ release, configuration, ...limits, ...options, link: join(await directory, `${count}`) });
    },
    async close() {
      // Links in there are roots; Nix forgets one whose link is gone.
      await directory?.then((path) => rm(path, { recursive: true, force: true })).catch(() => undefined);
      directory = undefined;
    },
  };
}

interface Build extends BuildOptions {
  readonly release: FlakeRelease;
  readonly configuration: string;
  readonly timeoutMs: number;
  /** Where the link to the toplevel is made. */
  readonly link: string;
}

const longestTimerMs = 2 ** 31 - 1;

async function build({ release, configuration, timeoutMs, signal, onLine, link }: Build): Promise<string> {
  const registryPath = `${link}.json`;
  const reference = hostArguments(release, configuration, registryPath);
  if (reference.registry !== undefined) await writeFile(registryPath, reference.registry);
  const overdue = AbortSignal.timeout(Math.min(timeoutMs, longestTimerMs));
  const words = ['build', '--out-link', link, '--json', '--print-build-logs', ...reference.arguments];
  const end = await runNix([...words, reference.installable], {
    signal: AbortSignal.any([signal, overdue]),
    onLine,
  }).catch((error: unknown) => {
    if (signal.aborted || !overdue.aborted) throw error;
    throw new FlurryError({ code: 'build-timeout', afterMs: timeoutMs }, { cause: error });
  });
  // Nobody else ends it so.
  if (end.kind === 'failed' && end.signal === 'SIGKILL') {
    const killed = { outOfMemory: 'likely', memoryBytes: totalmem(), victim: 'nix', on: 'coordinator' } as const;
    throw new FlurryError({ code: 'build-killed', ...killed });
  }
  if (end.kind === 'failed') throw failed(end.exitCode ?? 1, end.said);
  try {
    return toplevelIn(end.stdout);
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw failed(0, cause.message);
  }
}

function failed(exitCode: number, tail: string): FlurryError {
  return new FlurryError({ code: 'build-failed', exitCode, tail, on: 'coordinator' });
}

function toplevelIn(stdout: string): string {
  const answer = parseJson(stdout, 'nix build');
  const [first] = Array.isArray(answer) ? answer : [];
  const outputs = asObject(asObject(first, 'nix build')['outputs'], 'outputs');
  return textAt(outputs, 'out', storePathForm, 'a store path');
}
