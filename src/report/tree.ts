import { Listr } from 'listr2';
import type { Event } from '../core/event.ts';
import { createBacklog } from './backlog.ts';
import { HostsRenderer } from './hosts-renderer.ts';
import { linesOf, mostColumns } from './lines.ts';
import { type LiveArea, openLiveArea, sizeOf } from './live-area.ts';
import { opening } from './opening.ts';
import { outOfReachTeller } from './out-of-reach.ts';
import { nameColumn, type Progress, type ProgressOptions } from './progress.ts';
import { screen } from './screen.ts';
import { missingLines } from './wave-lines.ts';
import { doing } from './words.ts';

export interface TreeOptions extends ProgressOptions {
  /** Whether the last frame goes or stays when the run is over. */
  readonly atEnd: 'erase' | 'keep';
}

const frameMilliseconds = 100;

/** Shows a task for each host in a live area at the end of the terminal, redrawn at most ten times a second. */
export function createTree(options: TreeOptions): Progress {
  const { board, look, output, sink, verbosity, clock, every } = options;
  const area = openLiveArea(output, sink);
  const release = guardTerminal(area);
  const above = createBacklog(look);
  const tasks = new Map<string, HostTask>();
  let running: Promise<unknown> = Promise.resolve();
  const outOfReach = outOfReachTeller();
  let printed = false;
  const isVerbose = verbosity === 'verbose' || verbosity === 'debug';
  let notes: 'all' | 'warnings' = isVerbose ? 'all' : 'warnings';
  let nameWidth = 0;

  const start = (hosts: readonly string[]): void => {
    for (const host of hosts) tasks.set(host, newHostTask());
    const listr = new Listr<unknown, typeof HostsRenderer>(
      [...tasks].map(([title, task]) => ({
        title,
        task: (_, wrapper) => task.run((words) => (wrapper.output = words)),
      })),
      {
        concurrent: true,
        exitOnError: false,
        // listr2 would end the process at the first SIGINT; the hosts need the time after it.
        registerSignalListeners: false,
        renderer: HostsRenderer,
        rendererOptions: {
          area,
          rows: () => screen(board, clock(), innerSize(sizeOf(output)), look),
          takeAbove: above.take,
          everyTick: (callback) => every(frameMilliseconds, callback),
        },
      },
    );
    running = listr.run();
  };

  return {
    listen(event) {
      if (event.event === 'run-started') {
        nameWidth = nameColumn(event.hosts, look);
        sink.write([opening(event, look), ...missingLines(event, look), '', ''].join('\n'));
        // Where each host goes is found out on the way.
        if (event.verb === 'rollback') notes = 'all';
        start(event.hosts);
      }
      // Verdicts and the ends of phases are in the live area; a log is printed only where it was asked for.
      if (isPrinted(event, isVerbose, notes)) {
        const columns = Math.min(mostColumns, innerSize(sizeOf(output)).columns);
        printed = true;
        const shape = { nameWidth, columns, outOfReach, notes: 'wrapped', waves: board.waves() } as const;
        for (const line of linesOf(event, { look, verbosity, ...shape })) above.add(line);
        if (event.event === 'out-of-reach') above.add('');
      }
      if (event.event === 'phase-started') tasks.get(event.host)?.say(doing[event.phase]);
      if (event.event === 'verdict') tasks.get(event.host)?.end();
    },
    async close() {
      for (const task of tasks.values()) task.end();
      await running;
      area.end(options.atEnd);
      // What was printed above the area, and the results, are two things.
      if (printed && options.atEnd === 'erase') sink.write('\n');
      release();
    },
  };
}

function isPrinted(event: Event, isVerbose: boolean, notes: 'all' | 'warnings'): boolean {
  switch (event.event) {
    case 'out-of-reach':
    case 'reached-again':
    case 'wave-ended':
      return true;
    case 'note':
      return event.level === 'warning' || notes === 'all';
    case 'check':
      return event.state === 'failed' || isVerbose;
    default:
      return isVerbose && (event.event === 'log' || event.event === 'detail');
  }
}

/** What listr2 runs for a host: nothing but waiting for its verdict. It never fails, the board knows how it went. */
interface HostTask {
  run(output: (words: string) => void): Promise<void>;
  say(words: string): void;
  end(): void;
}

function newHostTask(): HostTask {
  let output = (_words: string): void => undefined;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    run(to) {
      output = to;
      return ended;
    },
    say: (words) => output(words),
    end: () => end(),
  };
}

/** A row is kept free for the cursor, and a column because some terminals lose the last one when a line is erased to its end. */
function innerSize({ columns, rows }: { readonly columns: number; readonly rows: number }) {
  return { columns: Math.max(1, columns - 1), rows: Math.max(1, rows - 1) };
}

/** Gives the cursor back however the process ends or pauses. The returned function takes the listeners away. */
function guardTerminal(area: LiveArea): () => void {
  const leave = (): void => area.end('keep');
  const pause = (): void => {
    leave();
    // With a listener SIGTSTP no longer stops the process by itself.
    process.kill(process.pid, 'SIGSTOP');
  };
  process.on('exit', leave);
  process.on('SIGTSTP', pause);
  process.on('SIGCONT', area.forget);
  return () => {
    process.off('exit', leave);
    process.off('SIGTSTP', pause);
    process.off('SIGCONT', area.forget);
  };
}
