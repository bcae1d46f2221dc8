import type { Event } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import { shortened } from './board.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { shortToplevel } from './toplevel.ts';
import { pad } from './width.ts';
import { verdictWords } from './words.ts';

export type Verbosity = 'quiet' | 'normal' | 'verbose';

export interface LineOptions {
  readonly look: Look;
  readonly verbosity: Verbosity;
  /** Columns for the names of hosts. */
  readonly nameWidth: number;
}

/** What one line of a log may take; a line of a build can be megabytes long. */
const logCharacters = 2000;
/** Phases that can take minutes: their beginning is told, so that a log which stands still says where. */
const longPhases: readonly Phase[] = ['copy', 'build', 'test'];
/** Phases whose log is read afterwards; what others print is of use only to whoever looks for a fault. */
const loggedPhases: readonly Phase[] = ['build', 'preview', 'gate', 'test', 'verify', 'promote', 'rollback'];

/**
 * Gives the line for an event, or null where it is not worth one. What a program printed always stands behind the name
 * of its phase and a colon; lines without are flurry's own words, so that no program can speak in its name.
 */
export function lineOf(event: Event, options: LineOptions): string | null {
  if (event.event === 'run-started' || event.event === 'result') return null;
  const words = wordsOf(event, options);
  if (words === null) return null;
  const { look } = options;
  return `${look.paint.bold(pad(look.text(event.host), options.nameWidth))} ${look.paint.dim('|')} ${words}`;
}

type HostEvent = Exclude<Event, { readonly event: 'run-started' | 'result' }>;

function wordsOf(event: HostEvent, { look, verbosity }: LineOptions): string | null {
  const { paint, marks, text } = look;
  switch (event.event) {
    case 'phase-started': {
      const told = verbosity === 'verbose' || (verbosity === 'normal' && longPhases.includes(event.phase));
      return told ? `${paint.cyan(marks.active)} ${event.phase}` : null;
    }
    case 'phase-ended': {
      if (event.outcome === 'failed') {
        return paint.red(`${marks.bad} ${event.phase} failed after ${duration(event.milliseconds)}`);
      }
      return verbosity === 'quiet' ? null : `${paint.green(marks.good)} ${event.phase} ${duration(event.milliseconds)}`;
    }
    case 'log': {
      const told = verbosity === 'verbose' || (verbosity === 'normal' && loggedPhases.includes(event.phase));
      return told ? `${paint.dim(`${event.phase}:`)} ${text(shortened(event.line, logCharacters))}` : null;
    }
    case 'note':
      if (event.level === 'warning')
        return paint.yellow(`${marks.alarm} warning: ${text(shortened(event.message, logCharacters))}`);
      return verbosity === 'quiet' ? null : `${marks.idle} ${text(shortened(event.message, logCharacters))}`;
    case 'verdict':
      return verdictLine(event, look);
  }
}

function verdictLine(event: Extract<Event, { readonly event: 'verdict' }>, look: Look): string {
  const { label, tone } = verdictWords[event.verdict];
  const head = inTone(look, tone, `${markOf(look, tone)} ${label.toUpperCase()}`);
  const runs = event.running === null ? '' : `, runs ${look.text(shortToplevel(event.running, event.host))}`;
  const rest = tone === 'good' ? runs : `: ${look.text(event.reason)}`;
  return `${head} after ${duration(event.seconds * 1000)}${rest}`;
}
