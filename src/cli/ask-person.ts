import { createInterface } from 'node:readline';
import { printable } from '../core/untrusted.ts';
import type { Output } from '../report/output.ts';
import type { World } from './world.ts';

/** The person at the terminal, who is asked one question at a time. */
export interface Person {
  /** Asks whether a host is to keep its new system; anything but y or yes is no, and so are the signal and the end of input. */
  ask(host: string, signal: AbortSignal): Promise<boolean>;
  /** Standard error for everybody else: an open question stays its last line. */
  readonly stderr: Output;
  /** Leaves the terminal alone again. */
  close(): void;
}

interface Question {
  readonly text: string;
  answer(yes: boolean): void;
}

const eraseLine = '\r\u001b[K';

/**
 * Listens to the terminal from now on, so that a line which was typed before its question was shown answers nothing:
 * nobody confirms a host unseen.
 */
export function personAt({ stdin, stderr }: Pick<World, 'stdin' | 'stderr'>): Person {
  const lines = createInterface({ input: stdin, terminal: false });
  let open: Question | undefined;
  let gone = false;
  let turn: Promise<unknown> = Promise.resolve();

  lines.on('line', (line) => open?.answer(/^\s*y(?:es)?\s*$/i.test(line)));
  lines.on('close', () => {
    gone = true;
    open?.answer(false);
  });

  const askNow = async (host: string, signal: AbortSignal): Promise<boolean> => {
    if (gone || signal.aborted) return false;
    const text = `${printable(host)} was tested and waits: keep the new system? [y/N] `;
    let refuse = (): void => undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        open = { text, answer: resolve };
        refuse = () => {
          stderr.write('\n');
          resolve(false);
        };
        signal.addEventListener('abort', refuse);
        stderr.write(text);
      });
    } finally {
      open = undefined;
      signal.removeEventListener('abort', refuse);
    }
  };

  return {
    ask(host, signal) {
      const answer = turn.then(() => askNow(host, signal));
      turn = answer;
      return answer;
    },
    stderr: around(stderr, (text) => {
      if (open === undefined) return stderr.write(text);
      return stderr.write(`${stderr.isTTY === true ? eraseLine : '\n'}${text}${open.text}`);
    }),
    close: () => lines.close(),
  };
}

/** The same stream with another way to write. */
function around(output: Output, write: Output['write']): Output {
  return new Proxy(output, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
