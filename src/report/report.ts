import type { Event } from '../core/event.ts';
import { createBoard } from './board.ts';
import { type Capability, capabilityOf, type Environment, isContinuousIntegration } from './capability.ts';
import { jsonLine } from './json.ts';
import type { Verbosity } from './lines.ts';
import { sizeOf } from './live-area.ts';
import { createLog } from './log.ts';
import { lookFor } from './look.ts';
import { type Output, openSink } from './output.ts';
import { type Every, everyInterval, type Progress } from './progress.ts';
import { summary } from './summary.ts';
import { createTree } from './tree.ts';

/** Tells the person, or a program, what happens. It only listens: it cannot touch a host even by mistake. */
export interface Report {
  /** Takes the events in their order; never throws, whatever became of the streams. */
  listen(event: Event): void;
  /** Ends the display and prints how the run ended. Also right for a run that is left before its end. */
  close(): Promise<void>;
}

export interface ReportOptions {
  /** `auto`: tree on a terminal, lines elsewhere. */
  readonly output: 'auto' | 'tree' | 'lines' | 'json';
  readonly verbosity: Verbosity;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  /** Gives the exact command to type for these hosts, with the person's own flags. */
  readonly retryCommand: (hosts: readonly string[]) => string;
  /** Milliseconds since 1970; for tests. */
  readonly clock?: () => number;
  /** For tests. */
  readonly every?: Every;
}

/** Progress goes to stderr, results to stdout. */
export function createReport(options: ReportOptions): Report {
  return options.output === 'json' ? jsonReport(options) : personsReport(options);
}

function jsonReport({ stdout, stderr }: ReportOptions): Report {
  const sink = openSink(stdout);
  openSink(stderr);
  return {
    listen: (event) => sink.write(jsonLine(event)),
    close: async () => undefined,
  };
}

function personsReport(options: ReportOptions): Report {
  const { stdout, stderr, environment, verbosity } = options;
  const [results, talk] = [openSink(stdout), openSink(stderr)];
  const can = { stdout: capabilityOf(stdout, environment), stderr: capabilityOf(stderr, environment) };
  const board = createBoard();
  const clock = options.clock ?? Date.now;
  const shared = {
    board,
    look: lookFor(can.stderr),
    output: stderr,
    sink: talk,
    verbosity,
    clock,
    every: options.every ?? everyInterval,
  };
  const progress: Progress = drawsTree(options, can.stderr)
    ? createTree({ ...shared, atEnd: can.stdout.live ? 'erase' : 'keep' })
    : createLog(shared);

  return {
    listen(event) {
      board.listen(event);
      progress.listen(event);
    },
    async close() {
      await progress.close();
      const look = lookFor(can.stdout);
      const columns = can.stdout.live ? Math.max(20, sizeOf(stdout).columns - 1) : fileColumns;
      const lines = summary({ board, columns, look, retryCommand: options.retryCommand, now: clock() });
      results.write(lines.map((line) => `${line}\n`).join(''));
      const broken = results.broken();
      if (broken !== null && broken !== 'EPIPE') talk.write(`the results could not be written: ${look.text(broken)}\n`);
    },
  };
}

/** Files and pipes have no width, but people read them. */
const fileColumns = 160;

function drawsTree({ output, verbosity, environment }: ReportOptions, can: Capability): boolean {
  if (!can.live || verbosity === 'quiet' || output === 'lines') return false;
  return output === 'tree' || !isContinuousIntegration(environment);
}
