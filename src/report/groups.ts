import type { HostState } from './board.ts';
import type { Ci } from './ci.ts';
import { clockFace } from './clock-face.ts';
import { createHostLog, type HostLog } from './host-log.ts';
import { type HostEvent, isOfHost, linesOf, mostColumns, saidOf } from './lines.ts';
import { opening } from './opening.ts';
import { outOfReachTeller } from './out-of-reach.ts';
import type { Sink } from './output.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { summaryRow } from './summary-row.ts';
import { tally } from './tally.ts';
import { missingLines } from './wave-lines.ts';
import { pad } from './width.ts';
import { isTrouble, urgencyOf } from './words.ts';

export interface GroupsOptions extends ProgressOptions {
  readonly ci: Ci;
  /** Takes the lines that are commands to the CI system; all others go to `sink`. */
  readonly commands: Sink;
  /** Names the file that has the whole log of a host, where there is one. */
  readonly logFileOf: (host: string) => string | null;
}

interface Buffered {
  readonly id: number;
  readonly log: HostLog;
  readonly began: number;
  ended: number;
  title: string;
}

/** How often it is told what goes on: where that has changed, and where nothing has. */
const changeMilliseconds = 15_000;
const silenceMilliseconds = 60_000;

/**
 * Shows progress in the log of a CI job, where the lines of each host stand together in a section that can be folded.
 * Hosts that made it are shown as they end. The others say so at once, and their sections come last, the worst at the
 * end: that is where a reader of a failed job begins.
 */
export function createGroups(options: GroupsOptions): Progress {
  const { board, look, sink, verbosity, clock } = options;
  const [toLog, toAll] = [outOfReachTeller(), outOfReachTeller()];
  const shared = { look, verbosity, columns: mostColumns, nameWidth: 0 };
  const waiting = new Map<string, Buffered>();
  let sections = 0;
  let lastSaid = clock();
  let lastTally = '';

  const say = (line: string): void => {
    sink.write(`${line}\n`);
    lastSaid = clock();
  };
  const take = (event: HostEvent, host: string): Buffered => {
    const at = Date.parse(event.at);
    const name = look.paint.bold(look.text(host));
    const buffered = waiting.get(host) ?? {
      ...{ id: ++sections, log: createHostLog(board.hosts().length), began: at, ended: at },
      title: `${name} | left before its end`,
    };
    waiting.set(host, buffered);
    buffered.ended = at;
    // The times that a CI system puts before each line are those of the whole section.
    const time = clockFace(at - Date.parse(board.started()?.at ?? event.at));
    for (const line of saidOf(event, { ...shared, outOfReach: toLog }))
      buffered.log.add(`${look.paint.dim(pad(time, 7, 'left'))}  ${line}`);
    return buffered;
  };
  const show = (host: string, shown: 'folded' | 'open'): void => {
    const buffered = waiting.get(host);
    if (buffered === undefined) return;
    waiting.delete(host);
    writeSection(buffered, { host, shown }, options);
    lastSaid = clock();
  };
  const showAll = (): void => {
    const held = board.hosts().filter(({ name }) => waiting.has(name));
    for (const { name } of held.toSorted((a, b) => urgency(a) - urgency(b))) show(name, 'open');
  };
  const stop = options.every(changeMilliseconds, () => {
    if (board.started() === null || board.ended() !== null) return;
    const counted = tally(board.hosts())
      .map(({ number, words }) => `${number} ${words}`)
      .join();
    if (counted === lastTally && clock() - lastSaid < silenceMilliseconds) return;
    lastTally = counted;
    say(summaryRow(board, clock(), Number.POSITIVE_INFINITY, look, look.marks.idle));
  });
  // A job that is cancelled may leave no time for more.
  process.on('exit', showAll);

  return {
    listen(event) {
      if (event.event === 'run-started') {
        say(opening(event, look));
        for (const line of missingLines(event, look)) say(line);
      }
      if (!isOfHost(event) || event.host === null) {
        for (const line of linesOf(event, { ...shared, waves: board.waves(), outOfReach: toAll })) say(line);
        return;
      }
      const buffered = take(event, event.host);
      if (!isToldAtOnce(event)) return;
      const lines = linesOf(event, { ...shared, outOfReach: toAll });
      if (event.event === 'verdict') buffered.title = lines[0] ?? buffered.title;
      if (event.event === 'verdict' && !isTrouble(event.verdict)) show(event.host, 'folded');
      else for (const line of lines) say(line);
    },
    async close() {
      stop();
      process.off('exit', showAll);
      showAll();
    },
  };
}

function isToldAtOnce(event: HostEvent): boolean {
  const { event: kind } = event;
  if (kind === 'note') return event.level === 'warning';
  return kind === 'verdict' || kind === 'out-of-reach' || kind === 'reached-again';
}

function urgency({ stage }: HostState): number {
  return stage.kind === 'ended' ? urgencyOf(stage.result.verdict) : Number.POSITIVE_INFINITY;
}

function writeSection(
  { id, log, began, ended, title }: Buffered,
  { host, shown }: { readonly host: string; readonly shown: 'folded' | 'open' },
  { ci, commands, sink, board, look, logFileOf }: GroupsOptions,
): void {
  const run = Math.floor(Date.parse(board.started()?.at ?? '') / 1000);
  const section = { id: `flurry_${run}_${id}`, title, shown, began, ended };
  commands.write(`${ci.opens(section)}\n`);
  const leftOut = log.leftOut();
  if (leftOut > 0) {
    const file = logFileOf(host);
    const where = file === null ? '--log-dir DIR keeps all' : `all are in ${look.text(file)}`;
    sink.write(`${look.paint.dim(`${look.marks.ellipsis} ${leftOut} earlier lines are not shown; ${where}`)}\n`);
  }
  sink.write(
    log
      .lines()
      .map((line) => `${line}\n`)
      .join(''),
  );
  commands.write(`${ci.closes(section)}\n`);
}
