import { linesOf, mostColumns } from './lines.ts';
import { sizeOf } from './live-area.ts';
import { opening } from './opening.ts';
import { outOfReachTeller } from './out-of-reach.ts';
import { nameColumn, type Progress, type ProgressOptions } from './progress.ts';
import { summaryRow } from './summary-row.ts';
import { missingLines } from './wave-lines.ts';

/** How long a log may stand still; CI systems end jobs that say nothing for ten minutes. */
const silenceMilliseconds = 60_000;
/** How often it is told of each host how far its copy has come. */
const copyingMilliseconds = 10_000;
/** How often it is told that a check still sees the same. */
const checkMilliseconds = 10_000;

/** Shows progress as plain lines, each behind the name of its host: for CI, files and pipes. */
export function createLog(options: ProgressOptions): Progress {
  const { board, look, output, sink, verbosity, clock } = options;
  const outOfReach = outOfReachTeller();
  let nameWidth = 0;
  let lastSaid = clock();
  const copyingSaid = new Map<string, number>();
  const checksSaid = new Map<string, { readonly seen: string; readonly at: number }>();
  const say = (line: string): void => {
    sink.write(`${line}\n`);
    lastSaid = clock();
  };
  const stop = options.every(silenceMilliseconds / 4, () => {
    const running = board.started() !== null && board.ended() === null;
    if (running && verbosity !== 'quiet' && clock() - lastSaid >= silenceMilliseconds) {
      say(summaryRow(board, clock(), Number.POSITIVE_INFINITY, look, look.marks.idle));
    }
  });

  return {
    listen(event) {
      if (event.event === 'run-started') {
        nameWidth = nameColumn(event.hosts, look);
        say(opening(event, look));
        for (const line of missingLines(event, look)) say(line);
      }
      if (event.event === 'phase-started') copyingSaid.set(event.host, clock());
      if (event.event === 'copying') {
        if (clock() - (copyingSaid.get(event.host) ?? 0) < copyingMilliseconds) return;
        copyingSaid.set(event.host, clock());
      }
      if (event.event === 'check' && event.state === 'trying') {
        const key = `${event.host} ${event.check}`;
        const { seen, at } = checksSaid.get(key) ?? { seen: '', at: Number.NEGATIVE_INFINITY };
        if (seen === event.seen && clock() - at < checkMilliseconds) return;
        checksSaid.set(key, { seen: event.seen, at: clock() });
      }
      const columns = output.isTTY === true ? Math.min(mostColumns, sizeOf(output).columns - 1) : mostColumns;
      const shape = { nameWidth, columns, outOfReach, ...(output.isTTY === true && ({ notes: 'wrapped' } as const)) };
      const waves = board.waves();
      for (const line of linesOf(event, { look, verbosity, waves, ...shape })) say(line);
    },
    async close() {
      stop();
    },
  };
}
