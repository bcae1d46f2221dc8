import type { Check } from './check.ts';
import type { Goal } from './goal.ts';
import type { Host } from './host.ts';
import type { Limits } from './limits.ts';
import type { FlakeRelease } from './release.ts';
import type { Rollout } from './rollout.ts';

/** What is tolerated before a host is touched. */
export interface Gates {
  /** Failed units that do not count, exact unit names. */
  readonly ignoreUnits: readonly string[];
  readonly degraded: 'refuse' | 'allow';
  /** A host that runs a proven descendant of what is to be deployed; absent: it is refused. */
  readonly downgrade?: 'allow';
}

/** What the host's own transaction does where there is a choice. */
export interface Policies {
  /** Units that fail in the new system and did not fail before. */
  readonly onUnitFailure: 'rollback' | 'warn';
  /** A health check that does not pass. `warn`: it is told, and lets pass. */
  readonly onCheckFailure: 'rollback' | 'warn';
  /** A host that could not be put back, when nobody says `hold` in time. */
  readonly ifRollbackFails: 'hold' | 'reboot';
  /** Who says yes to a tested system: this program over a new connection, or a person who is asked. */
  readonly confirm: 'auto' | 'ask';
  /** Whether a host keeps its new system only if all hosts of the run do. */
  readonly together: 'each-alone' | 'all-or-nothing';
}

/** When a host is rebooted, and what is done where its running system must not become the new one. */
export interface Reboots {
  /** After promotion, and for goal `boot`; `if-needed`: the host would boot another kernel, initrd or modules. */
  readonly reboot: 'never' | 'if-needed' | 'always';
  /** Switch inhibitors differ. `boot`: it becomes the boot default untested. `boot-and-reboot`: it is tried by a reboot. */
  readonly onInhibitor: 'refuse' | 'boot' | 'boot-and-reboot';
}

export interface HostPlan {
  readonly host: Host;
  readonly goal: Goal;
  readonly gates: Gates;
  readonly limits: Limits;
  readonly policies: Policies;
  readonly reboots: Reboots;
  /** What it must pass; absent where nothing is declared. */
  readonly checks?: readonly Check[];
  /** Who evaluates and builds: the host for itself, or the coordinator, once for each configuration. */
  readonly buildOn: 'target' | 'local';
  /** Not even where the host's record tells that it runs and boots this release is copying and building spared. */
  readonly shortcut?: 'never';
  /** The specialisation of its new system that is to run; that system is still what it boots. */
  readonly specialisation?: string;
  /** Have the boot loader itself installed anew, and not only its entries. */
  readonly installBootloader?: 'yes';
  /** Path of the self-check below the new toplevel; without it `pre-activate-safety-checks` is used where it exists. */
  readonly selfCheck?: string;
}

/** Whether what is decided for each host is done: never (it is only told), or only when the person has seen it and says yes. */
export type Act = 'at-once' | 'when-asked' | 'never';

/** release × fleet as plain data. */
export interface Plan {
  readonly act: Act;
  /** Names this run on every host: state files and units carry it. */
  readonly deploymentId: string;
  /** `user@machine` of the coordinator: whom others on a host find at work. Without blanks. */
  readonly owner: string;
  readonly release: FlakeRelease;
  readonly hosts: readonly HostPlan[];
  /** How many hosts work at once; a host that waits for a person does not count. */
  readonly parallel: number;
  /** How many hosts are dialled at once. */
  readonly parallelConnects: number;
  /** How many hosts are copied to at once. */
  readonly parallelCopies: number;
  /** How many builds run at once. */
  readonly parallelBuilds: number;
  /** How many hosts reboot at once. */
  readonly parallelReboots: number;
  readonly rollout: Rollout;
}

/** What is built where no host is asked: each host's configuration is known. */
export interface BuildPlan {
  readonly release: FlakeRelease;
  readonly parallelBuilds: number;
  readonly hosts: readonly { readonly host: Host; readonly configuration: string }[];
}

/** Which system a rollback brings back, as it was asked for: the host's own history and profile tell the rest. */
export type RollbackAim =
  /** What the last promoted deployment replaced. */
  | { readonly kind: 'replaced' }
  /** A generation of the system profile. */
  | { readonly kind: 'generation'; readonly number: number }
  /** What was last deployed of a revision; of its hex digits the first four at least, in lower case. */
  | { readonly kind: 'revision'; readonly rev: string };

/** hosts × aim: the release is on each host already, so there is nothing to copy and to build. */
export interface RollbackPlan
  extends Omit<Plan, 'act' | 'release' | 'parallelReboots' | 'parallelCopies' | 'parallelBuilds'> {
  readonly aim: RollbackAim;
}

/** What `flurry check` looks at: no release, nothing is changed. */
export interface CheckPlan {
  readonly hosts: readonly Pick<HostPlan, 'host' | 'gates' | 'limits' | 'checks'>[];
  readonly parallel: number;
  readonly parallelConnects: number;
}
