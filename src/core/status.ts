import type { Verdict } from './verdict.ts';

/** How one host stands, read in one look. Toplevels are store paths; times are ISO 8601 by the host's own clock. */
export interface HostStatus {
  /** Null where it is no NixOS system, as of the other two. */
  readonly running: string | null;
  /** What was running when it had booted. */
  readonly booted: string | null;
  /** What the boot loader starts next; null where the loader is none that can be read. */
  readonly bootDefault: string | null;
  /** What it starts at its next boot only, before that again: a trial whose reboot has not come yet. */
  readonly bootsOnce: string | null;
  /** What the system profile points to. */
  readonly profile: string | null;
  /** The number of that generation. */
  readonly generation: number | null;
  /** Of the deployment that brought what runs; null where the host's history does not tell. */
  readonly release: StatusRelease | null;
  /** As far as it is seen: `seenAs`. */
  readonly underWay: readonly UnderWay[];
  /** How the deployment ended that ended last. */
  readonly lastVerdict: LastVerdict | null;
  /** Begun in an earlier boot and never ended: the next deployment judges them by what the host then is. */
  readonly cutOff: readonly CutOff[];
  /** `user`: without root what is under way stays unseen, and perhaps the boot default. */
  readonly seenAs: 'root' | 'user';
  /** When the host was looked at, by its clock. */
  readonly now: string;
}

export interface StatusRelease {
  readonly deployment: string;
  readonly configuration: string;
  /** Null for a dirty tree, and for sources without revisions. */
  readonly rev: string | null;
  readonly narHash: string;
  /** Of the flake's source: seconds since 1970. */
  readonly lastModified: number;
}

/** A transaction, or a build before it, that goes on on the host. */
export interface UnderWay {
  readonly kind: 'transaction' | 'build';
  readonly deployment: string;
  /** As its file says; `building` for a build. */
  readonly state: string;
  readonly by: string;
  readonly since: string;
  /** Until the host decides this state by itself; null where it has no deadline. */
  readonly secondsLeft: number | null;
  /** Whether a unit on the host will bring it to an end, sooner or later. */
  readonly atWork: boolean;
}

export interface LastVerdict {
  readonly deployment: string;
  readonly verdict: Verdict;
  readonly at: string;
  /** `user@machine`; null where the line of its beginning is gone. */
  readonly by: string | null;
  /** What decided it; null where all went well. */
  readonly code: string | null;
}

export interface CutOff {
  readonly deployment: string;
  readonly at: string;
  readonly by: string;
}
