import type { Goal } from '../core/goal.ts';
import type { Host } from '../core/host.ts';
import type { Limits } from '../core/limits.ts';
import type { Act, CheckPlan, HostPlan, Policies, RollbackAim } from '../core/plan.ts';
import type { Rollout } from '../core/rollout.ts';
import type { ElevatePassword } from './elevate-rules.ts';
import type { Fleet } from './fleet/fleet.ts';

export type Output = 'auto' | 'tree' | 'lines' | 'json';
/** `debug`: what is asked, run and read to get there as well. */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

interface Common {
  /** What means each host, and no other, on a command line; by its name. */
  readonly typed: ReadonlyMap<string, string>;
  /** Where the hosts' addresses and settings come from. */
  readonly fleet: Fleet['kind'];
  readonly parallel: number;
  readonly sshConfigFile?: string;
  readonly elevatePassword: ElevatePassword;
  /** How many hosts are dialled at once. */
  readonly parallelConnects: number;
  readonly output: Output;
  readonly verbosity: Verbosity;
  /** Where whole logs are to be kept, and what asked for it. */
  readonly logDir?: { readonly path: string; readonly source: string };
}

/** How the hosts' transactions are wished, whatever system they are to bring. */
export interface ActivatingRequest extends Common {
  readonly goal: Goal;
  readonly rollout: Rollout;
  /** At least one; names are unique. */
  readonly hosts: readonly HostPlan[];
}

/** What `flurry deploy`, or a plan of it, was asked for, all of it checked, nothing of it looked up. */
export interface DeployRequest extends ActivatingRequest {
  readonly verb: 'deploy' | 'plan';
  readonly act: Act;
  readonly together: Policies['together'];
  readonly parallelReboots: number;
  readonly copyInputs: CopyInputs;
  readonly parallelCopies: number;
  readonly parallelBuilds: number;
}

/** What `flurry rollback` was asked for. */
export interface RollbackRequest extends ActivatingRequest {
  readonly verb: 'rollback';
  readonly aim: RollbackAim;
}

/** What `flurry check` was asked for. */
export interface CheckRequest extends Common {
  readonly verb: 'check';
  readonly hosts: CheckPlan['hosts'];
}

/** What a verb was asked for that needs nothing but hosts. */
export interface HostsRequest extends Common {
  readonly verb: 'status' | 'history' | 'attach' | 'confirm' | 'abort';
  readonly hosts: readonly { readonly host: Host; readonly limits: Limits }[];
}

/** What `flurry history` was asked for. */
export interface HistoryRequest extends HostsRequest {
  readonly verb: 'history';
  /** How many deployments of each host are told. */
  readonly last: number;
}

export type CopyInputs = 'auto' | 'always' | 'never';

/** Which flake is meant, and how it is evaluated. */
export interface FlakeRequest {
  /** The flake reference as it was typed; `default`: it was not. */
  readonly reference: string;
  readonly from: 'typed' | 'default';
  readonly overrides: readonly { readonly input: string; readonly reference: string }[];
  /** For every Nix evaluation; argv. */
  readonly nixArguments: readonly string[];
}
