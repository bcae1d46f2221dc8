import type { CheckKind } from './check.ts';
import type { Forecast } from './forecast.ts';
import type { Goal } from './goal.ts';
import type { PastDeployment } from './past-deployment.ts';
import type { Phase } from './phase.ts';
import type { RollbackAim } from './plan.ts';
import type { ProblemCode } from './problem.ts';
import type { Dependency } from './rollout.ts';
import type { FleetStatus } from './status.ts';
import type { ExitCode, Verdict } from './verdict.ts';

/**
 * Grows by one when a field is removed or changes its meaning. New fields, new events and new words where there are
 * several (verdicts, codes, phases) keep it: whoever reads the events passes over what it does not know.
 */
export const eventVersion = 1;

/** How one host ended. */
export interface HostResult {
  /** The destination without user and configuration, as it is named in all events. */
  readonly host: string;
  readonly verdict: Verdict;
  /** The problem that decided the verdict; null where all went well. */
  readonly code: ProblemCode | null;
  /** One sentence, never empty. */
  readonly reason: string;
  /** What to do next, as commands to paste or a sentence; null where nothing needs doing. */
  readonly remedy: string | null;
  /** The toplevel that the host runs, as last read from it; null where unknown. */
  readonly running: string | null;
  /** The toplevel that it boots next, likewise. */
  readonly bootDefault: string | null;
  /** Revision of the release; null where it has none, as of a dirty tree. */
  readonly rev: string | null;
  /** From when work on the host began. */
  readonly seconds: number;
}

/** The flake that is deployed, or that hosts are compared with, as it was pinned. */
interface DeployedFlake {
  /** As it was typed. */
  readonly reference: string;
  /** Null for a dirty tree, and for sources without revisions. */
  readonly rev: string | null;
  readonly branch: string | null;
  /** How many files differ from the revision, of those that Nix sees. */
  readonly dirtyFiles: number;
  /** The hash of the flake's source. */
  readonly narHash: string;
}

/** What is about to be done, and to which hosts: the first line of a run. */
interface RunStarted {
  readonly event: 'run-started';
  readonly verb: 'deploy' | 'plan' | 'check' | 'status' | 'history' | 'attach' | 'rollback' | 'confirm' | 'abort';
  /** Of deploy, plan and rollback; null of other verbs. */
  readonly goal: Goal | null;
  /** Where a rollback goes; absent of other verbs. */
  readonly aim?: RollbackAim;
  /** The id by which the hosts' journals and histories know this run, and `flurry attach` finds it; null where nothing is begun. */
  readonly deployment: string | null;
  /** Null where none is needed, or none was found. */
  readonly flake: DeployedFlake | null;
  /** Each of them has a verdict in the end. */
  readonly hosts: readonly string[];
  /** The hosts wave by wave, where waves were asked for: each begins when all hosts of the one before have ended. */
  readonly waves?: readonly (readonly string[])[];
  /** Which hosts start only when others have ended well; absent where none does. */
  readonly dependencies?: readonly Dependency[];
}

/** A wave begins: its hosts start, each when all that it depends on has ended well. */
interface WaveStarted {
  readonly event: 'wave-started';
  /** From 1 on, of `waves` in `run-started`. */
  readonly wave: number;
  /** Those of it that have not ended before. */
  readonly hosts: readonly string[];
}

/** All hosts of a wave have ended. */
interface WaveEnded {
  readonly event: 'wave-ended';
  /** From 1 on. */
  readonly wave: number;
  /** Those of it that count as failures: where there are more of them than are allowed, no further wave begins. */
  readonly failed: readonly string[];
}

/** Between two waves it is waited, for a time or for a person. */
interface WavePause {
  readonly event: 'wave-pause';
  /** Which begins after it. */
  readonly wave: number;
  /** Those that start then. */
  readonly hosts: readonly string[];
  /** ISO 8601 by the clock of this machine; null: until a person says yes. */
  readonly until: string | null;
}

/** A host has begun a phase. */
interface PhaseStarted {
  readonly event: 'phase-started';
  readonly host: string;
  readonly phase: Phase;
}

/** A host has ended a phase. One that failed is explained by the verdict. */
interface PhaseEnded {
  readonly event: 'phase-ended';
  readonly host: string;
  readonly phase: Phase;
  readonly outcome: 'ok' | 'failed';
  readonly milliseconds: number;
}

/** One line that a program on a host, or Nix on the coordinator, printed. Untrusted text. */
interface LogLine {
  readonly event: 'log';
  readonly host: string;
  readonly phase: Phase;
  /** As it was printed, without its end. */
  readonly line: string;
}

/** How far the copy to a host has come, every other second at most. What it had before is not counted. */
interface Copying {
  readonly event: 'copying';
  readonly host: string;
  readonly phase: 'copy';
  /** Handed over to the connection so far. */
  readonly sentBytes: number;
  /** Null where Nix does not tell, as 2.8 does not. */
  readonly totalBytes: number | null;
  /** Store paths that have arrived. */
  readonly paths: number;
  /** Null where Nix does not tell. */
  readonly totalPaths: number | null;
}

/** Something worth saying that is neither a log line nor the end: a warning, a wait, a decision. */
interface Note {
  readonly event: 'note';
  readonly host: string;
  readonly phase: Phase;
  readonly level: 'info' | 'warning';
  /** One or more sentences. */
  readonly message: string;
}

/**
 * A health check of a host has begun, was tried without having passed (told every other second at most), or has ended;
 * `stopped`: nobody wants to know any more, since it is decided otherwise.
 */
interface Checked {
  readonly event: 'check';
  readonly host: string;
  readonly phase: Phase;
  /** Its name in the flake. */
  readonly check: string;
  /** By what it finds out. */
  readonly kind: CheckKind;
  /** What it asks, and from where: `http https://example.org/health from the host`. */
  readonly asks: string;
  /** `trying`: it has not passed yet; the last three are its end. */
  readonly state: 'started' | 'trying' | 'passed' | 'failed' | 'stopped';
  /** What the last try saw, in one line; empty where none has ended. Untrusted text. */
  readonly seen: string;
  /** Tries that have ended. */
  readonly tries: number;
  /** Since the checks of the host began. */
  readonly milliseconds: number;
}

/** What a host does of its own accord in the middle of its build or transaction, as far as that is known. */
export type OwnCourse =
  | 'builds'
  | 'stays'
  | 'goes-back'
  | 'is-going-back'
  | 'promotes'
  | 'stages'
  | 'stages-once'
  | 'previews'
  | 'holds'
  | 'reboots'
  | 'has-ended';

/** A host is out of reach while its build or transaction goes on there without us. Said once, until it is reached again. */
interface OutOfReach {
  readonly event: 'out-of-reach';
  readonly host: string;
  readonly phase: Phase;
  /** `lost`: no connection is left. `unproven`: one stands, but none can be made anew, and only that would confirm it. */
  readonly contact: 'lost' | 'unproven';
  /** Where it was last seen, or why no connection can be made: a piece of a sentence. */
  readonly reason: string;
  /** What the host does meanwhile. */
  readonly course: OwnCourse;
  /** The same in one sentence, whose subject is the host. */
  readonly does: string;
  /** When it has done so, or begun to, at the latest: ISO 8601 by the clock of this machine; null where nobody knows. */
  readonly by: string | null;
}

/** A host that was out of reach is not any more. */
interface ReachedAgain {
  readonly event: 'reached-again';
  readonly host: string;
  readonly phase: Phase;
  /** As it was said when it went out of reach. */
  readonly contact: 'lost' | 'unproven';
  /** Since it was out of reach. */
  readonly milliseconds: number;
}

/** How something is done, for whoever looks for a fault. In JSON only with `-vv`. Untrusted text. */
interface Detail {
  readonly event: 'detail';
  /** Null: it is done on the coordinator, for no host alone. */
  readonly host: string | null;
  /** What is done or asked, or how a host is reached; its form is nobody's promise. */
  readonly line: string;
}

/** What `flurry status` saw; once for each host that answered, before its verdict. */
interface StatusSeen extends FleetStatus {
  readonly event: 'status';
  readonly host: string;
}

/** What `flurry history` read; once for each host that answered, before its verdict. */
interface HistoryRead {
  readonly event: 'history';
  readonly host: string;
  /** The newest first; as many as were asked for, of those that the host still has. */
  readonly deployments: readonly PastDeployment[];
  /** When the host was asked, by its clock. */
  readonly now: string;
}

/**
 * What would be done to a host, by `flurry plan`, `--dry-run` and `--ask`: once for each host that no gate refuses, before its
 * verdict. Nothing of it has been done.
 */
interface Planned extends Forecast {
  readonly event: 'plan';
  readonly host: string;
}

/** How one host ended, once it has: the same again as in the last line. */
interface VerdictReached extends HostResult {
  readonly event: 'verdict';
}

/** How the run ended: the last line. */
interface RunEnded {
  readonly event: 'result';
  /** With which flurry exits. */
  readonly exitCode: ExitCode;
  /** In the order in which they were named; empty where no host was touched (exit codes 1, 2 and 130). */
  readonly hosts: readonly HostResult[];
}

/** What workers say. The report listens; JSON output is these events as they are, a line each. */
export type EventBody =
  | RunStarted
  | WaveStarted
  | WaveEnded
  | WavePause
  | PhaseStarted
  | PhaseEnded
  | LogLine
  | Copying
  | Note
  | Checked
  | OutOfReach
  | ReachedAgain
  | Detail
  | StatusSeen
  | HistoryRead
  | Planned
  | VerdictReached
  | RunEnded;
/** What every event has. */
interface Stamp {
  /** Of this form of the events. */
  readonly version: typeof eventVersion;
  /** ISO 8601 in UTC with milliseconds, by the clock of the coordinator. */
  readonly at: string;
}

/** One line of the JSON output; docs/events.schema.json is made from these types and their docstrings. */
export type Event = Stamp & EventBody;
export type Emit = (event: EventBody) => void;
