import { spawn } from 'node:child_process';
import { shellLine } from '../../src/core/shell-quote.ts';
import { openVirtualTerminal } from '../report/virtual-terminal.ts';

/** What a person saw of a program that ran in a terminal. */
export interface TerminalRun {
  readonly code: number | null;
  /** The screen after each frame that was drawn, in order, as far as it differs from the one before. */
  readonly frames: readonly string[];
  /** What was left at the end, with all that scrolled away. */
  readonly everything: string;
  readonly cursor: 'shown' | 'hidden';
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** What is typed once a text is on the screen, one after the other. */
  readonly answers?: readonly { readonly to: string; readonly typed: string }[];
}

const endOfFrame = '\u001b[?2026l';

/** Runs a program in a pseudo-terminal (script(1), util-linux) of that size, and reads what it draws as a terminal does. */
export async function inTerminal(argv: readonly string[], options: TerminalOptions): Promise<TerminalRun> {
  const { columns, rows, cwd, environment, limitMs } = options;
  const terminal = openVirtualTerminal(columns, rows);
  const command = `stty columns ${columns} rows ${rows}; exec ${shellLine(argv)}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { ...environment, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = [...(options.answers ?? [])];
  if (answers.length === 0) child.stdin.end();
  const frames: string[] = [];
  let held = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const pieces = `${held}${chunk}`.split(endOfFrame);
    // A control code may come in two halves.
    held = /(?:\u001b[^a-zA-Z]*)?$/.exec(pieces.at(-1) ?? '')?.[0] ?? '';
    for (const [index, piece] of pieces.entries()) {
      const last = index === pieces.length - 1;
      terminal.write(last ? piece.slice(0, piece.length - held.length) : `${piece}${endOfFrame}`);
      if (!last && terminal.screen() !== frames.at(-1)) frames.push(terminal.screen());
    }
    const [next] = answers;
    if (next === undefined || !terminal.screen().includes(next.to)) return;
    frames.push(terminal.screen());
    answers.shift();
    child.stdin.write(next.typed);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, frames, everything: terminal.everything(), cursor: terminal.cursor() };
  } finally {
    clearTimeout(timer);
  }
}
