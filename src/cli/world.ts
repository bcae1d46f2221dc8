import type { Environment } from '../report/capability.ts';
import type { Output } from '../report/output.ts';

/** Where signals and uncaught exceptions come from; `process` is one. */
export interface ProcessEvents {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  on(event: 'uncaughtException', listener: (error: Error) => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'uncaughtException', listener: (error: Error) => void): unknown;
}

/** Where a person's answers come from; process.stdin is one. */
export type Input = NodeJS.ReadableStream & {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal: whether keystrokes come one by one, without an echo and without signals. */
  setRawMode?(raw: boolean): unknown;
};

/** What the program is run in: a test gives its own. */
export interface World {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  readonly events: ProcessEvents;
  /** Ends the process at once. */
  readonly leave: (exitCode: number) => void;
}

/** The process itself. */
export function processWorld(): World {
  return {
    // Touched only where somebody is asked: a program in the background that opens it may be stopped.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    events: process,
    leave: (exitCode) => process.exit(exitCode),
  };
}
