import type { Event } from '../core/event.ts';
import { printable } from '../core/untrusted.ts';
import { createAnnotations } from './annotations.ts';
import { createBoard } from './board.ts';
import { type Capability, capabilityOf, type Environment, isContinuousIntegration } from './capability.ts';
import { type Ci, ciOf } from './ci.ts';
import { createGroups } from './groups.ts';
import { jsonLine } from './json.ts';
import type { Verbosity } from './lines.ts';
import { sizeOf } from './live-area.ts';
import { createLog } from './log.ts';
import type { LogDirectory } from './log-directory.ts';
import { lookFor } from './look.ts';
import { isFile, type Output, openSink, type Sink } from './output.ts';
import { planText } from './plan-text.ts';
import { type Every, everyInterval, type Progress } from './progress.ts';
import type { CommandTo } from './status-block.ts';
import { summary } from './summary.ts';
import { createTree } from './tree.ts';

/** Tells the person, or a program, what happens. It only listens: it cannot touch a host even by mistake. */
export interface Report {
  /** Takes the events in their order; never throws, whatever became of the streams. */
  listen(event: Event): void;
  /** Shows the person, in the middle of a run, what would be done to each host. */
  showPlan(): void;
  /** Ends the display and prints how the run ended. Also right for a run that is left before its end. */
  close(): Promise<void>;
}

export interface ReportOptions {
  /** `auto`: tree on a terminal, sections in the jobs of some CI systems, lines elsewhere. */
  readonly output: 'auto' | 'tree' | 'lines' | 'json';
  readonly verbosity: Verbosity;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  /** Gives the exact command to type for these hosts, with the person's own flags. */
  readonly retryCommand: (hosts: readonly string[]) => string;
  /** Gives the command of another verb for these hosts. */
  readonly commandTo: CommandTo;
  /** Gives the command that does to these hosts what a plan has told. */
  readonly commandToDo?: (hosts: readonly string[]) => string;
  /** Where whole logs are kept, if they are. */
  readonly logs?: LogDirectory | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly clock?: () => number;
  /** For tests. */
  readonly every?: Every;
}

/** Progress goes to stderr, results to stdout. */
export function createReport(options: ReportOptions): Report {
  return options.output === 'json' ? jsonReport(options) : personsReport(options);
}

function jsonReport({ stdout, stderr, verbosity, logs }: ReportOptions): Report {
  const sink = openSink(stdout);
  const talk = openSink(stderr);
  return {
    listen(event) {
      logs?.listen(event);
      if (event.event !== 'detail' || verbosity === 'debug') sink.write(jsonLine(event));
    },
    // The events say it.
    showPlan: () => undefined,
    close: async () => talk.write(brokenLogs(logs)),
  };
}

function personsReport(options: ReportOptions): Report {
  const { stdout, stderr, environment, verbosity, logs, clock = Date.now, every = everyInterval } = options;
  const [rawResults, rawTalk] = [openSink(stdout), openSink(stderr)];
  const can = { stdout: capabilityOf(stdout, environment), stderr: capabilityOf(stderr, environment) };
  const look = { stdout: lookFor(can.stdout), stderr: lookFor(can.stderr) };
  const ci = ciOf(environment);
  const [results, talk] = [guarded(rawResults, ci), guarded(rawTalk, ci)];
  const form = formOf(options, can.stderr, ci);
  const logFileOf = (host: string): string | null => logs?.fileOf(host) ?? null;
  const annotations = ci?.name === 'github' && !isTerminalOrFile(stderr) ? createAnnotations(look.stderr) : null;
  const board = createBoard();
  const shelter = createShelter();
  const shared = {
    ...{ board, look: look.stderr, output: stderr, sink: talk, verbosity, clock },
    every: (milliseconds: number, callback: () => void) => every(milliseconds, () => shelter.run(callback)),
  };
  const progress: Progress =
    form === 'tree'
      ? createTree({ ...shared, atEnd: can.stdout.live ? 'erase' : 'keep' })
      : form === 'lines' || ci === null
        ? createLog(shared)
        : createGroups({ ...shared, ci, commands: rawTalk, logFileOf });

  return {
    listen(event) {
      logs?.listen(event);
      board.listen(event);
      annotations?.listen(event);
      shelter.run(() => progress.listen(event));
    },
    showPlan() {
      const columns = stderr.isTTY === true ? Math.max(20, sizeOf(stderr).columns - 1) : fileColumns;
      const { commandTo } = options;
      const lines = planText({ board, columns, look: look.stderr, logFileOf, commandTo });
      talk.write([...lines, '', ''].join('\n'));
    },
    async close() {
      await progress.close().catch(shelter.blame);
      const ended = board.hosts().flatMap(({ stage }) => (stage.kind === 'ended' ? [stage.result] : []));
      for (const command of annotations?.commands(ended) ?? []) rawTalk.write(`${command}\n`);
      const columns = stdout.isTTY === true ? Math.max(20, sizeOf(stdout).columns - 1) : fileColumns;
      const { retryCommand, commandTo, commandToDo } = options;
      const lines = summary({
        ...{ board, columns, look: look.stdout, retryCommand, commandTo, commandToDo, now: clock() },
        ...{ logFileOf, logPath: logs?.path ?? null },
      });
      // Below the lines of the log on the same terminal it stands apart; elsewhere nothing stands above it.
      const apart = form !== 'tree' && stdout.isTTY === true && stderr.isTTY === true;
      const shown = lines[0] === '' && !apart ? lines.slice(1) : lines;
      results.write(shown.map((line) => `${line}\n`).join(''));
      talk.write(brokenLogs(logs));
      const broken = results.broken();
      if (broken !== null && broken !== 'EPIPE')
        talk.write(`the results could not be written: ${look.stderr.text(broken)}\n`);
      for (const fault of shelter.faults())
        talk.write(`the display failed, the run did not: ${look.stderr.text(fault)}\n`);
    },
  };
}

function brokenLogs(logs: LogDirectory | undefined): string {
  const broken = logs?.broken() ?? null;
  return broken === null || logs === undefined
    ? ''
    : `the logs in ${printable(logs.path)} are not whole: ${printable(broken)}\n`;
}

/** A fault of the display must not become one of the deployment: the first ends the display, and is told at the end. */
function createShelter() {
  let fault: string | null = null;
  const blame = (thrown: unknown): void => {
    fault ??= thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  };
  return {
    run(show: () => void): void {
      if (fault !== null) return;
      try {
        show();
      } catch (thrown) {
        blame(thrown);
      }
    },
    blame,
    faults: (): readonly string[] => (fault === null ? [] : [fault]),
  };
}

/** Files and pipes have no width, but people read them. */
const fileColumns = 160;

/** In what form progress is shown, where a person reads it. */
function formOf({ output, verbosity, environment, stderr }: ReportOptions, can: Capability, ci: Ci | null) {
  if (can.live && verbosity !== 'quiet' && output !== 'lines') {
    if (output === 'tree' || !isContinuousIntegration(environment)) return 'tree';
  }
  const folds = ci !== null && output === 'auto' && verbosity !== 'quiet' && !isTerminalOrFile(stderr);
  return folds ? 'groups' : 'lines';
}

/** What a CI system reads is neither. */
function isTerminalOrFile(output: Output): boolean {
  return output.isTTY === true || isFile(output);
}

/** In a job's log no line of ours may be a command to the CI system by chance, or because somebody wished it so. */
function guarded(sink: Sink, ci: Ci | null): Sink {
  return ci === null ? sink : { ...sink, write: (text) => sink.write(ci.harmless(text)) };
}
