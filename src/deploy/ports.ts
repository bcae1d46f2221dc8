import type { Emit } from '../core/event.ts';
import type { Phase } from '../core/phase.ts';
import type { Connect } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import type { LockedInput } from '../core/release.ts';
import type { BuilderHere } from '../nix/build-here.ts';
import type { copyPaths } from '../nix/copy.ts';
import type { Kinship } from '../nix/kinship.ts';
import type { WaveQuestion } from './pace.ts';

export interface CheckPorts {
  readonly connect: Connect;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Puts a problem of one host into words. */
  readonly explain: (
    problem: Problem,
    host: string,
    phase?: Phase,
  ) => { readonly reason: string; readonly remedy: string | null };
}

export interface ActivationPorts extends CheckPorts {
  /** Asks the person at the terminal whether a host that was tested is to keep its new system. */
  readonly askPerson: (host: string, signal: AbortSignal) => Promise<boolean>;
  /** Asks the person whether the next wave is to begin. */
  readonly askToGoOn: (question: WaveQuestion, signal: AbortSignal) => Promise<boolean>;
}

export interface DeployPorts extends ActivationPorts {
  readonly copyPaths: typeof copyPaths;
  /** Builds on this machine. */
  readonly buildHere: BuilderHere['build'];
  /** Sees to it that inputs are in the coordinator's store; each is fetched once for all hosts. */
  readonly fetchInputs: (inputs: readonly LockedInput[]) => Promise<void>;
  /** How a revision stands to the one that is to be deployed. */
  readonly kinship: (rev: string) => Promise<Kinship>;
  /** Shows the person what would be done to these hosts, and asks whether it is to be done. */
  readonly askToGo: (hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  /** Platforms of the configurations, as far as the flake tells in time; unknown ones are left to the build. */
  readonly architectures: () => Promise<ReadonlyMap<string, string>>;
}
