import type { BootPart } from './facts.ts';
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
  /** Of what it boots another one next than is in use: a reboot is needed for these. */
  readonly rebootFor: readonly BootPart[];
  /** As `systemctl is-system-running` prints it. */
  readonly systemState: string;
  /** With those that systemd is about to start anew. */
  readonly failedUnits: readonly string[];
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

/** How one host stands, seen from a flake. */
export interface FleetStatus extends HostStatus {
  /** What it runs, compared with the flake from here; null where none was read. */
  readonly flake: AgainstFlake | null;
}

/** Told without building: from what the host's history says of the system that it runs. */
export interface AgainstFlake {
  /** Whether that was built from the source that the flake has now; `unknown`: the history does not tell from which. */
  readonly source: 'same' | 'other' | 'unknown';
  /** Whether it was the configuration that the host would get from here; `unknown` also where only its hostname decides. */
  readonly configuration: 'same' | 'other' | 'unknown';
  /** How many commits the flake has that its revision has not, as git tells here; null where it cannot. */
  readonly behind: number | null;
  /** How many commits its revision has that the flake has not, likewise. */
  readonly ahead: number | null;
}

export interface StatusRelease extends BroughtRelease {
  readonly deployment: string;
}

/** What a deployment brought, as the host's history says. */
export interface BroughtRelease {
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
