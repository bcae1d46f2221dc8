import { beginFrame, hideCursor, showCursor, sizeOf } from '../report/live-area.ts';
import type { Output } from '../report/output.ts';
import { widthOf } from '../report/width.ts';

/** A terminal whose last line is the open question, whatever else is written there meanwhile. */
export interface QuestionScreen {
  /** Standard error for everybody else. */
  readonly output: Output;
  /** Whether a live display stands at the end of the screen. */
  isLive(): boolean;
  show(question: string): void;
  /** Shows what was typed so far behind the question. */
  echo(typed: string): void;
  /** The question is over; where a live display goes on, nothing of it stays. May be called twice. */
  hide(): void;
}

const csi = '\u001b[';
// A live display leaves so many rows free: what a question would push out of the screen could not be drawn over.
const rowsForQuestions = 5;
const fewRows = 15;

/**
 * Whole lines that are written while a question is open stand above it. A live display moves the cursor: its frames are
 * held back until the question is over, and then drawn in their order.
 */
export function questionScreen(stderr: Output): QuestionScreen {
  let open: { readonly question: string; readonly typed: string } | undefined;
  let live = false;
  let held: string[] = [];

  const erase = (): void => {
    if (open === undefined) return;
    const rows = rowsOf(open.question + open.typed, sizeOf(stderr).columns);
    stderr.write(`\r${rows > 1 ? `${csi}${rows - 1}A` : ''}${csi}J`);
  };
  const paint = (): void => void stderr.write(`${open?.question ?? ''}${open?.typed ?? ''}`);

  const write = (text: string): boolean => {
    if (open !== undefined && (live || held.length > 0 || text.includes(beginFrame))) {
      held.push(text);
      return true;
    }
    if (text.includes(beginFrame)) live = true;
    else if (text.includes(showCursor)) live = false;
    if (open === undefined) return stderr.write(text);
    erase();
    const goesOn = stderr.write(text);
    paint();
    return goesOn;
  };

  return {
    output: around(stderr, write),
    isLive: () => live,
    show(question) {
      open = { question, typed: '' };
      if (live) stderr.write(showCursor);
      paint();
    },
    echo(typed) {
      if (open === undefined) return;
      const isMore = typed.startsWith(open.typed);
      if (!isMore) erase();
      const more = typed.slice(open.typed.length);
      open = { ...open, typed };
      if (isMore) stderr.write(more);
      else paint();
    },
    hide() {
      if (open === undefined) return;
      if (live) {
        erase();
        stderr.write(hideCursor);
      } else {
        stderr.write('\n');
      }
      open = undefined;
      const waiting = held;
      held = [];
      for (const text of waiting) write(text);
    },
  };
}

function rowsOf(text: string, columns: number): number {
  return text.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}

/** The same stream with another way to write, and a few rows less. */
function around(output: Output, write: Output['write']): Output {
  return new Proxy(output, {
    get(target, key) {
      if (key === 'write') return write;
      if (key === 'rows') {
        const { rows } = target;
        return rows === undefined || rows < fewRows ? rows : rows - rowsForQuestions;
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
