import type { GivenSettings } from '../config/given.ts';
import type { CommandLine } from './command-line.ts';
import type { World } from './world.ts';

/** What a verb gets from main. */
export interface VerbCall {
  readonly line: CommandLine;
  readonly settings: GivenSettings;
  readonly world: World;
  /** Fires when the person wants the run to end. */
  readonly signal: AbortSignal;
}
