import type { Elevation } from './ports.ts';
import type { Problem } from './problem.ts';
import type { Verdict } from './verdict.ts';

/** What one look at a host brings; every value was read from the host and is untrusted text. */
export interface HostFacts {
  readonly hostname: string;
  readonly machineId: string;
  /** Nix's name of the platform, for example `x86_64-linux`. */
  readonly system: string;
  readonly memoryBytes: number;
  /** As `systemctl is-system-running` prints it. */
  readonly systemState: string;
  readonly failedUnits: readonly string[];
  /** Toplevels; empty where the link is missing. */
  readonly running: string;
  readonly booted: string;
  /** What the system profile points to. */
  readonly profile: string;
  readonly bootDefault: BootDefault;
  /** Of what it boots another one next than is in use. */
  readonly rebootFor: readonly BootPart[];
  readonly bootId: string;
  readonly kernel: string;
  /** Empty where there is no Nix. */
  readonly nixVersion: string;
  readonly systemdVersion: string;
  readonly nixSpace: Space;
  /** Absent where /boot is no file system of its own. */
  readonly bootSpace?: Space;
  /** Size of the running system's kernel and initrd together. */
  readonly kernelBytes: number;
  /** By what the login becomes root: `root` is it already; `none` cannot, and `noPrivilege` says why. */
  readonly privilege: 'root' | Elevation;
  readonly noPrivilege?: Problem<'no-privilege'>;
  /** Who logs in. */
  readonly user: string;
  /** What is switching the host's system at this moment, in words; absent where nothing is. */
  readonly switchUnderWay?: string;
  /** The deployment that brought what runs; absent where the host's history does not tell. */
  readonly broughtBy?: DeployedBefore;
  /** How what runs was evaluated; absent unless the host's history and store tell beyond doubt that it was promoted and is whole. */
  readonly evaluatedFrom?: RecordedEvaluation;
  /** What others have deployed since the last deployment of whoever looks; absent where there is none of theirs. */
  readonly byOthers?: {
    /** When theirs began. */
    readonly sinceOurs: string;
    /** The oldest first. */
    readonly deployments: readonly DeployedBefore[];
    /** `last`: there may have been more before these. */
    readonly reach: 'all' | 'last';
  };
  /** Whether a deployment of flurry's has its unit at work there; the host says more of it when it is asked. */
  readonly deployment: 'under-way' | 'none';
}

/** What a deployment wrote down of the evaluation that gave its toplevel. */
export interface RecordedEvaluation {
  /** A hash of all that Nix was given, and of its version. */
  readonly evaluation: string;
  readonly configuration: string;
  readonly narHash: string;
  readonly lastModified: number;
  readonly rev?: string;
}

/** A deployment of the host's history. Text is what the host holds, but `rev` and `verdict` are of their form. */
export interface DeployedBefore {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly narHash: string;
  /** Of the flake's source: seconds since 1970, 0 where it is not known. */
  readonly lastModified: number;
  readonly rev?: string;
  /** Absent where its end was not written down. */
  readonly verdict?: Verdict;
}
/** What a host cannot change without a reboot. */
export const bootParts = ['kernel', 'initrd', 'kernel-modules'] as const;
export type BootPart = (typeof bootParts)[number];

export interface Space {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** What the boot loader starts next, read from the loader's own files. */
export interface BootDefault {
  readonly loader: 'systemd-boot' | 'grub' | 'extlinux' | 'unknown';
  /** The toplevel; empty where the loader is unknown or names none. */
  readonly toplevel: string;
}
