/** A flake's source as a store path of the coordinator, with all that pins it. */
export interface FlakeSnapshot {
  /** The flake reference as the person typed it. */
  readonly reference: string;
  readonly storePath: string;
  /** SRI spelling, `sha256-…=`. */
  readonly narHash: string;
  /** Seconds since 1970. */
  readonly lastModified: number;
  /** 40 hex digits; absent for a dirty tree and for sources without revisions. */
  readonly rev?: string;
  readonly branch?: string;
  /** Number of changed files in the work tree, of those that Nix sees; 0 where the tree is clean or there is none. */
  readonly dirtyFiles: number;
  /** The flake's folder below the source, without leading slash; absent where flake.nix is at its root. */
  readonly subdirectory?: string;
}

/** An input given by --override-input, fetched and pinned by the coordinator. */
export interface OverriddenInput {
  readonly input: string;
  readonly storePath: string;
  readonly narHash: string;
  readonly lastModified?: number;
  readonly rev?: string;
  readonly subdirectory?: string;
}

/** What is deployed. Later also exact store paths, a Hydra build, a channel. */
export interface FlakeRelease {
  readonly kind: 'flake';
  readonly snapshot: FlakeSnapshot;
  readonly overrides: readonly OverriddenInput[];
  /** Further arguments for every Nix evaluation, on the coordinator and on the hosts; argv, never shell text. */
  readonly nixArguments: readonly string[];
  /** Names of the flake's nixosConfigurations, sorted. */
  readonly configurations: readonly string[];
}
