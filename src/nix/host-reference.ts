import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease, FlakeSnapshot, OverriddenInput } from '../core/release.ts';

/** How a Nix, here or on a host, is given a flake that lies in its store. */
export interface FlakeArguments {
  /** The flake, to be followed by `#` and an attribute path. */
  readonly flake: string;
  readonly arguments: readonly string[];
  /** What has to be in the file at `registryPath` while Nix runs; absent where no such file is needed. */
  readonly registry?: string;
}

/** As FlakeArguments, with `installable` for `nix build`. */
export interface HostArguments {
  readonly installable: string;
  readonly arguments: readonly string[];
  readonly registry?: string;
}

type Evaluated = Pick<FlakeRelease, 'snapshot' | 'overrides' | 'nixArguments'>;

/**
 * Names a configuration's toplevel so that a host evaluates the very derivation that the coordinator's flake has.
 * `registryPath` is the host's file for `registry`; both are needed only for flakes in a subdirectory of their source.
 * Throws `bad-argument` for a configuration whose name no attribute path of Nix can spell.
 */
export function hostArguments(release: FlakeRelease, configuration: string, registryPath: string): HostArguments {
  const { flake, ...rest } = flakeArguments(release, registryPath);
  const path = `nixosConfigurations.${attribute(configuration)}.config.system.build.toplevel`;
  return { ...rest, installable: `${flake}#${path}` };
}

/**
 * Names a flake by its source's store path and all that pins it, with its overridden inputs. `above` stands before their
 * names where the flake is itself an input.
 */
export function flakeArguments(release: Evaluated, registryPath: string, above = ''): FlakeArguments {
  const entries: RegistryEntry[] = [];
  const reference = (source: Source, id: string): string => {
    if (source.subdirectory === undefined) return pathReference(source);
    entries.push(registryEntry(source, id));
    return `flake:${id}`;
  };
  const flake = reference(release.snapshot, 'flurry-snapshot');
  const overrides = release.overrides.flatMap((override, index) => [
    '--override-input',
    `${above}${override.input}`,
    reference(override, `flurry-input-${index}`),
  ]);
  const common = ['--no-write-lock-file', ...overrides, ...release.nixArguments];
  if (entries.length === 0) return { flake, arguments: common };
  return {
    flake,
    arguments: [...common, '--option', 'use-registries', 'true', '--option', 'flake-registry', registryPath],
    registry: JSON.stringify({ version: 2, flakes: entries }),
  };
}

type Source = FlakeSnapshot | OverriddenInput;

interface RegistryEntry {
  readonly from: { readonly type: 'indirect'; readonly id: string };
  readonly to: Readonly<Record<string, string | number>>;
}

function pathReference(source: Source): string {
  const parameters = Object.entries(pins(source)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `path:${source.storePath}?${parameters.join('&')}`;
}

// No version of Nix takes `dir` in a `path:` URL; as an attribute it does.
function registryEntry(source: Source, id: string): RegistryEntry {
  const dir = source.subdirectory === undefined ? {} : { dir: source.subdirectory };
  return { from: { type: 'indirect', id }, to: { type: 'path', path: source.storePath, ...pins(source), ...dir } };
}

function pins(source: Source): Readonly<Record<string, string | number>> {
  return {
    ...(source.lastModified === undefined ? {} : { lastModified: source.lastModified }),
    narHash: source.narHash,
    ...(source.rev === undefined ? {} : { rev: source.rev }),
  };
}

// Nix decodes percent signs first and then splits at dots outside of quotes; a quote itself cannot be escaped.
function attribute(name: string): string {
  if (name.includes('"')) {
    throw new FlurryError({
      code: 'bad-argument',
      argument: 'configuration',
      expected: 'a name without "',
      found: name,
    });
  }
  return `%22${encodeURIComponent(name)}%22`;
}
