import type { Event } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import { shortened } from './board.ts';
import { checkWords } from './check-words.ts';
import { copiedWords } from './copied.ts';
import { inTone, markOf } from './dress.ts';
import { wouldBe } from './forecast-rows.ts';
import type { Look } from './look.ts';
import type { OutOfReach } from './out-of-reach.ts';
import { shortToplevel } from './toplevel.ts';
import { waveLine } from './wave-lines.ts';
import { isOfWave, type WaveEvent, type Waves } from './waves.ts';
import { pad, widthOf, wrapped } from './width.ts';
import { verdictWords } from './words.ts';

export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

export interface LineOptions {
  readonly look: Look;
  readonly verbosity: Verbosity;
  /** Columns for the names of hosts. */
  readonly nameWidth: number;
  /** What prose of several lines is wrapped to. */
  readonly columns: number;
  /** Whether notes are wrapped to that as well, and store paths in them shortened: where a person watches. */
  readonly notes?: 'wrapped';
  /** How far the waves of the run have come, where there are any. */
  readonly waves?: Waves | null;
  /** What one line may take; 2000 unless told. */
  readonly mostCharacters?: number;
  readonly outOfReach: (event: OutOfReach, columns: number, look: Look) => readonly string[];
}

/** What one line of a log may take; a line of a build can be megabytes long. */
const logCharacters = 2000;
/** Phases that can take minutes: their beginning is told, so that a log which stands still says where. */
const longPhases: readonly Phase[] = ['copy', 'build', 'test', 'reboot'];
/** Phases whose log is read afterwards; what others print is of use only to whoever looks for a fault. */
const loggedPhases: readonly Phase[] = ['build', 'preview', 'gate', 'test', 'verify', 'promote', 'rollback'];

/**
 * Gives the lines for an event, or none where it is not worth one. What a program printed always stands behind the name
 * of its phase and a colon; lines without are flurry's own words, so that no program can speak in its name.
 */
export function linesOf(event: Event, options: LineOptions): readonly string[] {
  const { look, columns } = options;
  const headOf = (host: string | null) => {
    const name = pad(look.text(host ?? 'flurry'), options.nameWidth);
    return { name, head: `${look.paint.bold(name)} ${look.paint.dim('|')} ` };
  };
  if (isOfWave(event)) {
    const line =
      options.waves === null || options.waves === undefined || options.verbosity === 'quiet'
        ? null
        : waveLine(event, options.waves, look);
    return line === null ? [] : [headOf(null).head + line];
  }
  if (!isOfHost(event)) return [];
  const { name, head } = headOf(event.host);
  return saidOf(event, { ...options, columns: columns - widthOf(name) - 3 }).map((line) => head + line);
}

/** Gives the same without the name of the host in front. */
export function saidOf(event: HostEvent, options: Omit<LineOptions, 'nameWidth'>): readonly string[] {
  if (event.event === 'out-of-reach') return options.outOfReach(event, options.columns, options.look);
  if (event.event === 'note' && options.notes === 'wrapped') return wrappedNote(event, options);
  const words = wordsOf(event, options);
  return words === null ? [] : [words];
}

/** What is said of one host. */
export type HostEvent = Exclude<Event, WaveEvent | { readonly event: 'run-started' | 'result' }>;

export function isOfHost(event: Event): event is HostEvent {
  return event.event !== 'run-started' && event.event !== 'result' && !isOfWave(event);
}

/** Longer lines are hard to read, whatever the width of the terminal. */
export const mostColumns = 100;

type OneLine = Exclude<HostEvent, { readonly event: 'out-of-reach' }>;

function wordsOf(event: OneLine, options: Omit<LineOptions, 'nameWidth'>): string | null {
  const { look, verbosity, mostCharacters = logCharacters } = options;
  const { paint, marks, text } = look;
  const isVerbose = verbosity === 'verbose' || verbosity === 'debug';
  switch (event.event) {
    case 'phase-started': {
      const told = isVerbose || (verbosity === 'normal' && longPhases.includes(event.phase));
      return told ? `${paint.cyan(marks.active)} ${event.phase}` : null;
    }
    case 'phase-ended': {
      if (event.outcome === 'failed') {
        return paint.red(`${marks.bad} ${event.phase} failed after ${duration(event.milliseconds)}`);
      }
      return verbosity === 'quiet' ? null : `${paint.green(marks.good)} ${event.phase} ${duration(event.milliseconds)}`;
    }
    case 'log': {
      const told = isVerbose || (verbosity === 'normal' && loggedPhases.includes(event.phase));
      return told ? `${paint.dim(`${event.phase}:`)} ${text(shortened(event.line, mostCharacters))}` : null;
    }
    case 'detail':
      return verbosity === 'debug' ? paint.dim(`${marks.idle} ${text(shortened(event.line, mostCharacters))}`) : null;
    case 'copying':
      return verbosity === 'quiet' ? null : `${marks.idle} copy ${copiedWords(event)}`;
    case 'note': {
      const words = noteWords(event, options);
      return words !== null && event.level === 'warning' ? paint.yellow(words) : words;
    }
    case 'check': {
      const told = event.state === 'failed' || (verbosity !== 'quiet' && (isVerbose || event.state !== 'started'));
      return told ? checkWords(event, look) : null;
    }
    case 'reached-again': {
      const what = event.contact === 'lost' ? 'contact again' : 'a new connection was made';
      return `${paint.green(marks.good)} ${what} after ${duration(event.milliseconds)}`;
    }
    // The table at the end has it.
    case 'status':
    case 'history':
      return null;
    case 'plan':
      return verbosity === 'quiet' ? null : `${marks.arrow} ${text(wouldBe(event))}`;
    case 'verdict':
      return verdictLine(event, look);
  }
}

type Note = Extract<Event, { readonly event: 'note' }>;

function wrappedNote(note: Note, options: Omit<LineOptions, 'nameWidth'>): readonly string[] {
  const message = note.message.replace(storePath, (path) => shortToplevel(path, note.host));
  const words = noteWords({ ...note, message }, options);
  if (words === null) return [];
  const { paint } = options.look;
  return wrapped(words, options.columns - 2).map((row, index) => {
    const line = index === 0 ? row : `  ${row}`;
    return note.level === 'warning' ? paint.yellow(line) : line;
  });
}

const storePath = /\/nix\/store\/[0-9a-z]{32}-[\w+.?=-]*\w/g;

function noteWords(
  { level, message }: Note,
  { look, verbosity, mostCharacters = logCharacters }: Pick<LineOptions, 'look' | 'verbosity' | 'mostCharacters'>,
): string | null {
  const words = look.text(shortened(message, mostCharacters));
  if (level === 'warning') return `${look.marks.alarm} warning: ${words}`;
  return verbosity === 'quiet' ? null : `${look.marks.idle} ${words}`;
}

function verdictLine(event: Extract<Event, { readonly event: 'verdict' }>, look: Look): string {
  const { label, tone } = verdictWords[event.verdict];
  const head = inTone(look, tone, `${markOf(look, tone)} ${label.toUpperCase()}`);
  const runs = event.running === null ? '' : `, runs ${look.text(shortToplevel(event.running, event.host))}`;
  const rest = tone === 'good' ? runs : `: ${look.text(event.reason)}`;
  return `${head} after ${duration(event.seconds * 1000)}${rest}`;
}
