import type { Goal } from './goal.ts';
import type { BroughtRelease } from './status.ts';
import type { Verdict } from './verdict.ts';

/** A deployment, or a rollback, as a host's own history tells of it. Times are ISO 8601 by the host's clock; toplevels are store paths. */
export interface PastDeployment {
  readonly deployment: string;
  /** When it began to change the host. */
  readonly begun: string;
  /** `user@machine`. */
  readonly by: string;
  /** Null where the history does not tell. */
  readonly goal: Goal | null;
  /** Null where a rollback went to a system that no deployment of flurry's had brought. */
  readonly release: BroughtRelease | null;
  /** What ran before; of a system that ran already, what booted before. */
  readonly from: string;
  /** What was to run. */
  readonly to: string;
  /** The newest generation of the system profile that is what was to run; null where there is none any more. */
  readonly generation: number | null;
  /** How it ended; null where no end is written down. */
  readonly verdict: Verdict | null;
  /** Why there is no verdict: it goes on or was left in this boot of the host, or a reboot cut it off. Null where there is one. */
  readonly open: 'in-this-boot' | 'cut-off' | null;
  /** When it ended; null where it is open. */
  readonly ended: string | null;
  /** The problem that decided the verdict; null where all went well. */
  readonly code: string | null;
  /** The same in one sentence; null also where the history says too little for one. */
  readonly reason: string | null;
  /** How long it took; null where it is open, or its end was found out later. */
  readonly seconds: number | null;
  /** The deployment that later brought back what ran before; null where none has. */
  readonly takenBackBy: string | null;
}
