import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlakeRelease } from '../core/release.ts';
import { flakeArguments } from './host-reference.ts';
import { asObject, parseJson } from './json.ts';
import { nixStrings } from './nix-string.ts';
import { withPrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';
import type { ProgramEnd } from './run-program.ts';

/** A snapshot with all that bears on its evaluation. */
export type EvaluationRequest = Pick<FlakeRelease, 'snapshot' | 'overrides' | 'nixArguments'> & {
  readonly signal: AbortSignal;
};

/**
 * Gives the platforms (`x86_64-linux`) that the named configurations are for, as far as they can be told; a
 * configuration that is missing here may still be good. Never throws.
 */
export async function architecturesOf(
  request: EvaluationRequest & { readonly names: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  return await platformsOf(request, 'host');
}

/** Gives the platforms on which they are built, likewise: another one where they are cross-compiled. Never throws. */
export async function buildPlatformsOf(
  request: EvaluationRequest & { readonly names: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  return await platformsOf(request, 'build');
}

async function platformsOf(
  request: EvaluationRequest & { readonly names: readonly string[] },
  which: 'host' | 'build',
): Promise<ReadonlyMap<string, string>> {
  try {
    const end = await evaluate(request, platforms(request.names, which));
    if (end.kind === 'failed') return new Map();
    const found = Object.entries(asObject(parseJson(end.stdout, 'platforms'), 'platforms'));
    return new Map(found.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));
  } catch {
    return new Map();
  }
}

// `or` covers what is missing, tryEval what throws; the first answer costs the least.
function platforms(names: readonly string[], which: 'host' | 'build'): string {
  return `
    configurations:
    let
      attempt = value:
        let result = builtins.tryEval value;
        in if result.success && builtins.isString result.value then [ result.value ] else [ ];
      platform = configuration:
        attempt (configuration.config.nixpkgs.${which}Platform.system or null)
        ++ attempt (configuration.pkgs.stdenv.${which}Platform.system or null)
        ++ attempt (configuration.config.system.build.toplevel.system or null);
      known = name:
        let found = platform (configurations.\${name} or { });
        in if found == [ ] then [ ] else [ { inherit name; value = builtins.head found; } ];
    in builtins.listToAttrs (builtins.concatMap known ${nixStrings(names)})`;
}

async function evaluate(request: EvaluationRequest, apply: string): Promise<Exclude<ProgramEnd, { kind: 'missing' }>> {
  return withPrivateDirectory(async (directory) => {
    const registryPath = join(directory, 'registry.json');
    const { flake, arguments: rest, registry } = flakeArguments(request, registryPath);
    if (registry !== undefined) await writeFile(registryPath, registry);
    const words = ['eval', '--json', ...rest, `${flake}#nixosConfigurations`, '--apply', apply];
    return runNix(words, { signal: request.signal });
  });
}
