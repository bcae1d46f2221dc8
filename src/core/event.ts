import type { Goal } from './goal.ts';
import type { Phase } from './phase.ts';
import type { RollbackAim } from './plan.ts';
import type { ProblemCode } from './problem.ts';
import type { HostStatus } from './status.ts';
import type { ExitCode, Verdict } from './verdict.ts';

/** Grows by one when a field is removed or changes its meaning; new fields and new events keep it. */
export const eventVersion = 1;

/** How one host ended, as the last line of the JSON output lists it. */
export interface HostResult {
  readonly host: string;
  readonly verdict: Verdict;
  /** The problem that decided the verdict; null where all went well. */
  readonly code: ProblemCode | null;
  /** One sentence, never empty. */
  readonly reason: string;
  /** What to do next, as commands to paste or a sentence; null where nothing needs doing. */
  readonly remedy: string | null;
  /** Toplevels as last read from the host; null where unknown. */
  readonly running: string | null;
  readonly bootDefault: string | null;
  /** Revision of the release where it had one. */
  readonly rev: string | null;
  readonly seconds: number;
}

interface RunStarted {
  readonly event: 'run-started';
  readonly verb: 'deploy' | 'check' | 'status' | 'attach' | 'rollback' | 'confirm' | 'abort';
  readonly goal: Goal | null;
  /** Where a rollback goes; absent of other verbs. */
  readonly aim?: RollbackAim;
  readonly deployment: string | null;
  readonly flake: {
    readonly reference: string;
    readonly rev: string | null;
    readonly branch: string | null;
    readonly dirtyFiles: number;
    readonly narHash: string;
  } | null;
  readonly hosts: readonly string[];
}

interface PhaseStarted {
  readonly event: 'phase-started';
  readonly host: string;
  readonly phase: Phase;
}

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
  readonly totalPaths: number | null;
}

/** Something worth saying that is neither a log line nor the end: a warning, a wait, a decision. */
interface Note {
  readonly event: 'note';
  readonly host: string;
  readonly phase: Phase;
  readonly level: 'info' | 'warning';
  readonly message: string;
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
  readonly course: OwnCourse;
  /** The same in one sentence, whose subject is the host. */
  readonly does: string;
  /** When it has done so, or begun to, at the latest: ISO 8601 by the clock of this machine; null where nobody knows. */
  readonly by: string | null;
}

interface ReachedAgain {
  readonly event: 'reached-again';
  readonly host: string;
  readonly phase: Phase;
  readonly contact: 'lost' | 'unproven';
  /** Since it was out of reach. */
  readonly milliseconds: number;
}

/** What `flurry status` saw; once for each host that answered, before its verdict. */
interface StatusSeen extends HostStatus {
  readonly event: 'status';
  readonly host: string;
}

interface VerdictReached extends HostResult {
  readonly event: 'verdict';
}

interface RunEnded {
  readonly event: 'result';
  readonly exitCode: ExitCode;
  readonly hosts: readonly HostResult[];
}

/** What workers say. The report listens; JSON output is these events as they are, a line each. */
export type EventBody =
  | RunStarted
  | PhaseStarted
  | PhaseEnded
  | LogLine
  | Copying
  | Note
  | OutOfReach
  | ReachedAgain
  | StatusSeen
  | VerdictReached
  | RunEnded;
/** `at` is ISO 8601 in UTC with milliseconds. */
export type Event = { readonly version: typeof eventVersion; readonly at: string } & EventBody;
export type Emit = (event: EventBody) => void;
