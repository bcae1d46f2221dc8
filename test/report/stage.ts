import { createReport, type Report, type ReportOptions } from '../../src/report/report.ts';
import { eventOf, startOfRun, type Timed } from './runs.ts';
import { openFile, openVirtualTerminal, type VirtualTerminal } from './virtual-terminal.ts';

/** A clock that stands still until it is set, and a ticker that ticks when it is told to. */
export interface Stage {
  readonly report: Report;
  /** Lets the report hear what happened until then, and draw. */
  playUntil(ms: number): void;
  /** Lets the report hear all the rest, and closes it. */
  finish(): Promise<void>;
}

export type StageOptions = Partial<Pick<ReportOptions, 'output' | 'verbosity' | 'environment' | 'logs'>> &
  Pick<ReportOptions, 'stdout' | 'stderr'>;

export function setUp(events: readonly Timed[], options: StageOptions): Stage {
  let now = startOfRun;
  const ticking = new Set<() => void>();
  const report = createReport({
    output: 'auto',
    verbosity: 'normal',
    environment: { TERM: 'xterm-256color', LANG: 'en_GB.UTF-8', NO_COLOR: '1' },
    retryCommand: (hosts) => `flurry ${hosts.join(' ')}`,
    commandTo: (verb, hosts, words = []) => `flurry ${[verb, ...hosts, ...words].join(' ')}`,
    clock: () => now,
    every(_, callback) {
      ticking.add(callback);
      return () => ticking.delete(callback);
    },
    ...options,
  });
  const waiting = [...events];
  const tick = (): void => {
    // Twice: clocks are drawn at every second tick.
    for (const callback of [...ticking, ...ticking]) callback();
  };
  const playUntil = (ms: number): void => {
    while (waiting[0] !== undefined && waiting[0].at <= ms) {
      const next = waiting.shift();
      if (next === undefined) break;
      now = startOfRun + next.at;
      report.listen(eventOf(next));
    }
    now = startOfRun + ms;
    tick();
  };
  return {
    report,
    playUntil,
    async finish() {
      const last = waiting.at(-1);
      if (last !== undefined) playUntil(last.at);
      await report.close();
    },
  };
}

/** Plays a run on a terminal and gives what is on it at the given times, and at the end with all that scrolled away. */
export async function film(
  events: readonly Timed[],
  options: {
    readonly columns: number;
    readonly rows: number;
    readonly seconds: readonly number[];
  } & Partial<StageOptions>,
): Promise<{ readonly text: string; readonly terminal: VirtualTerminal }> {
  const { columns, rows, seconds, ...rest } = options;
  const terminal = openVirtualTerminal(columns, rows);
  const stage = setUp(events, { stdout: terminal, stderr: terminal, ...rest });
  const frames = seconds.map((second) => {
    stage.playUntil(second * 1000);
    return `${ruler(`after ${second} s`, columns)}\n${terminal.screen()}\n`;
  });
  await stage.finish();
  return {
    text: `${frames.join('\n')}\n${ruler('at the end, with what scrolled away', columns)}\n${terminal.everything()}\n`,
    terminal,
  };
}

function ruler(title: string, columns: number): string {
  return `== ${title} `.padEnd(columns, '=');
}

/** Plays a run into two files. */
export async function record(events: readonly Timed[], options: Partial<StageOptions> = {}) {
  const [stdout, stderr] = [openFile(), openFile()];
  await setUp(events, { stdout, stderr, ...options }).finish();
  return { stdout: stdout.text(), stderr: stderr.text() };
}
