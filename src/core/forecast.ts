import type { Verdict } from './verdict.ts';

/** What a deployment would do to one host, as far as that can be known before it is done. */
export interface Forecast {
  /** How it ends if the new system proves itself: `unchanged` where there is nothing to do. */
  readonly verdict: Verdict;
  /** The new system. */
  readonly toplevel: string;
  /** Whether the host is rebooted. */
  readonly reboots: boolean;
  /** Whether the new system is booted once first, and becomes the boot default only when it has proved itself. */
  readonly bootedOnceFirst: boolean;
  /** What the host has booted another one of than the new system: not in use before a reboot. */
  readonly bootsOther: readonly ('kernel' | 'initrd' | 'kernel-modules')[];
  /** Why the running system cannot become the new one, so that this is not tested live. Untrusted text. */
  readonly inhibitors: readonly { readonly key: string; readonly old: string; readonly new: string }[];
  /** Null where no unit is touched before a reboot, and where the host cannot tell (then `unknown` has `units-touched`). */
  readonly units: UnitChanges | null;
  /** Null where nothing is to be done, and where the host cannot tell. */
  readonly closure: ClosureChange | null;
  /** Whether it is changed only if all hosts of the run are. */
  readonly allOrNothing: boolean;
  /** What only the deployment itself finds out. */
  readonly unknown: readonly Unknown[];
}

/** `self-check`, `units` (whether they stay well), `checks` (of its health, afterwards), `reachable` (after the test), `boot` (whether it comes up), `units-touched`. */
export type Unknown = 'self-check' | 'units' | 'checks' | 'reachable' | 'boot' | 'units-touched';

/** What would be done to units, as the dry activation of the new system says: sorted names. Untrusted text. */
export interface UnitChanges {
  readonly stopped: readonly string[];
  /** Those that are new as well. */
  readonly started: readonly string[];
  /** Also those that are stopped, and started again at the end. */
  readonly restarted: readonly string[];
  readonly reloaded: readonly string[];
  /** They have changed, and go on as they are, as they are configured to. */
  readonly leftAlone: readonly string[];
  /** What else the dry activation said, line by line. */
  readonly otherwise: readonly string[];
}

/** How the closure of the new system differs from that of the running one. */
export interface ClosureChange {
  /** Of store paths with a version in their name: versions that only one of the two has; sorted by name. */
  readonly packages: readonly PackageChange[];
  /** How many packages were only built anew: the same versions, in other store paths. */
  readonly rebuilt: number;
  /** How many store paths without a version, such as files of the configuration, only one of the two has. */
  readonly otherPaths: number;
  /** The size of all store paths that only the new one has. */
  readonly addedBytes: number;
  /** And of those that only the running one has. */
  readonly removedBytes: number;
}

export interface PackageChange {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** By how much it grows; negative where it shrinks. */
  readonly bytes: number;
}
