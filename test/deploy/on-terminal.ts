import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { shellLine } from '../../src/core/shell-quote.ts';
import type { Lease } from '../fleet/lease.ts';
import { poll } from '../fleet/poll.ts';
import { type FlurryOptions, flurryProgram, processOptions, type RunningFlurry, watchFlurry } from './run-flurry.ts';

/** A flurry that runs on a terminal of its own: standard input and standard error. */
export interface FlurryOnTerminal extends RunningFlurry {
  /** All that was shown so far, with what was typed. */
  screen(): string;
  /** Waits until the text is shown; rejects if flurry ends without it. */
  untilShown(text: string): Promise<void>;
  type(text: string): void;
}

/**
 * Starts flurry on a pseudo-terminal (script(1) makes it). Its standard output goes elsewhere, as in `flurry … >file`,
 * so that `-o json` can be read.
 */
export function flurryOnTerminal(lease: Lease, args: readonly string[], options: FlurryOptions = {}): FlurryOnTerminal {
  const command = `echo $$ >&3; exec ${shellLine([process.execPath, flurryProgram, ...args])} >&3 3>&-`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    ...processOptions(lease, options),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [, , , output] = child.stdio;
  if (!(output instanceof Readable)) throw new Error('there is no fourth pipe');
  let pid = -1;
  output.once('data', (first: string) => {
    pid = Number(first.split('\n', 1)[0]);
  });
  const { stdin, stdout: terminal } = child;
  const run = watchFlurry({ child, stdout: output, stderr: terminal, pid: () => pid }, args, options);
  let screen = '';
  terminal.on('data', (chunk: string) => {
    screen += chunk;
  });
  let over = false;
  run.ended
    .catch(() => undefined)
    .finally(() => {
      over = true;
    });
  return Object.assign(run, {
    screen: () => screen,
    type: (text: string) => void stdin.write(text),
    untilShown: (text: string) =>
      poll(
        async () => {
          if (screen.includes(text)) return true;
          if (over) throw new Error(`flurry ended and did not show “${text}”:\n${screen}`);
          return undefined;
        },
        { what: `“${text}” is shown`, limitMs: 90_000 },
      ).then(() => undefined),
  });
}
