import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../core/ports.ts';
import type { Output } from '../report/output.ts';
import { type Keystroke, keystrokesIn } from './keystrokes.ts';
import { questionScreen } from './question-screen.ts';
import type { Input, World } from './world.ts';

/** The person at the terminal: one queue of questions for the whole run. */
export interface TerminalPerson extends Person {
  /** Whether there is a terminal to ask at, both to read from and to write to. */
  isThere(): boolean;
  /** Standard error for everybody else: an open question stays its last line. */
  readonly stderr: Output;
  /** Takes what was told, and shows everything that was held back for it. */
  settle(): void;
}

interface Listening {
  /** Told what was typed so far, after each keystroke. */
  readonly typed: (text: string) => void;
  /** Told how it ended; undefined: not answered. */
  readonly answered: (answer: string | undefined) => void;
}

// What was typed before the question was shown lies ready in the terminal, and is here by then.
const drainMs = 30;
// A signal that this process sends itself comes a turn later.
const signalMs = 50;
// How long a word that nobody needs to answer stands below a live display.
const tellMs = 4000;

/**
 * Nothing is read from the terminal but while a question is open: a line that was typed before its question was shown
 * answers nothing. The terminal is in raw mode meanwhile, so that a secret is never echoed; `interrupt` is what Ctrl-C
 * means there, and the question is not answered.
 */
export function personAt(
  world: Pick<World, 'stdin' | 'stderr'>,
  interrupt: () => void = () => process.kill(process.pid, 'SIGINT'),
): TerminalPerson {
  const screen = questionScreen(world.stderr);
  let turn: Promise<unknown> = Promise.resolve();
  let gone = false;
  const isThere = (): boolean => !gone && world.stderr.isTTY === true && world.stdin.isTTY === true;

  const askNow = async (question: string, how: 'seen' | 'hidden', signal: AbortSignal): Promise<string | undefined> => {
    if (signal.aborted || !isThere()) return undefined;
    let listening: Listening | undefined;
    const keyboard = openKeyboard(world.stdin, {
      listening: () => listening,
      interrupt,
      gone: () => {
        gone = true;
      },
    });
    const refuse = (): void => listening?.answered(undefined);
    try {
      await delay(drainMs);
      if (signal.aborted || gone) return undefined;
      return await new Promise<string | undefined>((answered) => {
        listening = { answered, typed: how === 'seen' ? screen.echo : () => undefined };
        signal.addEventListener('abort', refuse);
        screen.show(question);
      });
    } finally {
      signal.removeEventListener('abort', refuse);
      keyboard.close();
      screen.hide();
    }
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    isThere,
    secret: (question, signal) => inTurn(() => askNow(question, 'hidden', signal)),
    line: (question, signal) => inTurn(() => askNow(question, 'seen', signal)),
    yes: async (question, signal) =>
      /^\s*y(?:es)?\s*$/i.test((await inTurn(() => askNow(question, 'seen', signal))) ?? ''),
    tell(text) {
      if (!screen.isLive()) screen.output.write(`${text}\n`);
      else
        void inTurn(async () => {
          screen.show(text);
          await delay(tellMs, undefined, { ref: false });
          screen.hide();
        });
    },
    stderr: screen.output,
    settle: screen.hide,
  };
}

/** Reads keystrokes until it is closed. While nobody listens they are thrown away, but for Ctrl-C. */
function openKeyboard(
  stdin: Input,
  told: {
    readonly listening: () => Listening | undefined;
    readonly interrupt: () => void;
    readonly gone: () => void;
  },
): { close(): void } {
  const decoder = new StringDecoder('utf8');
  let typed = '';
  let over = false;
  const end = (answer: string | undefined): void => {
    over = true;
    told.listening()?.answered(answer);
  };
  const take = (stroke: Keystroke): void => {
    const listening = told.listening();
    if (over || listening === undefined) return;
    switch (stroke.kind) {
      case 'enter':
        end(typed);
        return;
      case 'interrupt':
        over = true;
        // The signal is on its way: whoever is told that there is no answer is to know why.
        setTimeout(() => end(undefined), signalMs);
        return;
      case 'end':
        end(undefined);
        return;
      case 'text':
        typed += stroke.text;
        break;
      case 'backspace':
        typed = [...typed].slice(0, -1).join('');
        break;
      case 'clear':
        typed = '';
    }
    listening.typed(typed);
  };
  const read = (chunk: Buffer | string): void => {
    for (const stroke of keystrokesIn(typeof chunk === 'string' ? chunk : decoder.write(chunk))) {
      if (stroke.kind === 'interrupt') told.interrupt();
      take(stroke);
    }
  };
  const ended = (): void => {
    told.gone();
    end(undefined);
  };
  stdin.on('data', read);
  stdin.on('end', ended);
  stdin.on('error', ended);
  stdin.setRawMode?.(true);
  stdin.resume();
  return {
    close() {
      stdin.off('data', read);
      stdin.off('end', ended);
      stdin.off('error', ended);
      stdin.setRawMode?.(false);
      stdin.pause();
    },
  };
}
