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
  /** The commit on which a dirty tree is based. */
  readonly base?: string;
  /** The local repository whose history tells of both, where it is one. */
  readonly repository?: string;
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

/** An input that flake.lock pins, of the flake itself or of another input. */
export interface LockedInput {
  /** As in the flake, nested ones as `a/b`; one of its names, where it has several. */
  readonly name: string;
  readonly storePath: string;
  /** How it is fetched, as in flake.lock; JSON. */
  readonly locked: string;
  /** Whether hosts are given it before they build, or only where they cannot fetch it, or not at all. */
  readonly copied: 'first' | 'if-fetching-fails' | 'never';
}

/** What is deployed. Later also exact store paths, a Hydra build, a channel. */
export interface FlakeRelease {
  readonly kind: 'flake';
  readonly snapshot: FlakeSnapshot;
  readonly overrides: readonly OverriddenInput[];
  /** Each source once; without overridden ones. Those that are copied `first` are in the coordinator's store. */
  readonly inputs: readonly LockedInput[];
  /** Further arguments for every Nix evaluation, on the coordinator and on the hosts; argv, never shell text. */
  readonly nixArguments: readonly string[];
  /** Names of the flake's nixosConfigurations, sorted. */
  readonly configurations: readonly string[];
}
