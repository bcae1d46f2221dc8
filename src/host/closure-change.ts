import type { ClosureChange, PackageChange } from '../core/forecast.ts';

/** Store paths that only one of two closures has. */
export interface OnlyOne {
  /** How many in all: `paths` may hold fewer. */
  readonly number: number;
  readonly bytes: number;
  readonly paths: readonly NamedPath[];
}

/** A store path, of which the name stands behind its hash. */
export interface NamedPath {
  readonly name: string;
  readonly bytes: number;
}

/** Tells how a closure changes, from the paths that are gone and those that come. */
export function closureChange(gone: OnlyOne, come: OnlyOne): ClosureChange {
  const packages = new Map<string, { before: Set<string>; after: Set<string>; bytes: number }>();
  let unversioned = 0;
  const count = (paths: readonly NamedPath[], side: 'before' | 'after'): void => {
    for (const { name: full, bytes } of paths) {
      const { name, version } = packageName(full);
      if (version === '') {
        unversioned++;
        continue;
      }
      const known = packages.get(name) ?? { before: new Set(), after: new Set(), bytes: 0 };
      known[side].add(version);
      known.bytes += side === 'after' ? bytes : -bytes;
      packages.set(name, known);
    }
  };
  count(gone.paths, 'before');
  count(come.paths, 'after');
  const all = [...packages].map(([name, { before, after, bytes }]) => ({
    name,
    before: versions(before, after),
    after: versions(after, before),
    bytes,
  }));
  const isChanged = ({ before, after }: PackageChange): boolean => before.length + after.length > 0;
  const left = gone.number - gone.paths.length + come.number - come.paths.length;
  return {
    packages: all.filter(isChanged).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    rebuilt: all.filter((one) => !isChanged(one) && !one.name.startsWith(toplevelName)).length,
    otherPaths: unversioned + left,
    addedBytes: come.bytes,
    removedBytes: gone.bytes,
  };
}

/** Splits the name of a store path as Nix's parseDrvName does: the version begins at the first dash before a non-letter. */
export function packageName(full: string): { readonly name: string; readonly version: string } {
  const at = /-(?=[^A-Za-z])/.exec(full)?.index;
  if (at === undefined) return { name: full, version: '' };
  return { name: full.slice(0, at), version: full.slice(at + 1).replace(output, '') };
}

/** It is built anew each time. */
const toplevelName = 'nixos-system-';

/** Outputs of one derivation are one package: openssl-3.0.14-bin. */
const output = /-(?:bin|dev|devdoc|doc|info|lib|lib32|lib64|man|data|debug|static|terminfo|modules)$/;

function versions(of: ReadonlySet<string>, without: ReadonlySet<string>): readonly string[] {
  return [...of].filter((version) => !without.has(version)).toSorted();
}
