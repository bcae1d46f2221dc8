import { Chalk, type ChalkInstance } from 'chalk';
import { printable } from '../core/untrusted.ts';

/** Marks that carry meaning beside the words and colours; never alone. */
export interface Marks {
  readonly good: string;
  readonly bad: string;
  readonly alarm: string;
  readonly active: string;
  readonly idle: string;
  readonly bar: string;
  readonly dot: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly spinner: readonly string[];
}

// No character that some terminals draw as an emoji of two columns, such as U+2714 or U+26A0.
const unicodeMarks: Marks = {
  good: '✓',
  bad: '✗',
  alarm: '!',
  active: '▸',
  idle: '·',
  bar: '│',
  dot: '·',
  arrow: '→',
  ellipsis: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const asciiMarks: Marks = {
  good: '+',
  bad: 'x',
  alarm: '!',
  active: '>',
  idle: '.',
  bar: '|',
  dot: '-',
  arrow: '->',
  ellipsis: '...',
  spinner: ['|', '/', '-', '\\'],
};

/** How text is dressed for one stream. */
export interface Look {
  readonly paint: ChalkInstance;
  readonly marks: Marks;
  /** Makes any text fit to be shown on one line of this stream: no control codes, and ASCII where it must be. */
  readonly text: (untrusted: string) => string;
  /** The same for a command to paste: no letter of it is replaced, or it would be another command. */
  readonly command: (line: string) => string;
}

export function lookFor(can: { readonly colour: boolean; readonly unicode: boolean }): Look {
  return {
    // The 16 colours that every theme sets to be readable; more is never needed.
    paint: new Chalk({ level: can.colour ? 1 : 0 }),
    marks: can.unicode ? unicodeMarks : asciiMarks,
    text: can.unicode ? printable : (untrusted) => ascii(printable(untrusted)),
    command: printable,
  };
}

function ascii(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll('→', '->')
    .replaceAll('·', '-')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replace(/[^\x20-\x7e]/gu, '?');
}
