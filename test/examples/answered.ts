import { spawn } from 'node:child_process';
import { shellLine } from '../../src/core/shell-quote.ts';
import type { ProgramResult } from '../fleet/program.ts';

/** A question on a terminal, and what is typed once it is there. */
export interface Answer {
  readonly question: string;
  readonly words: string;
}

/** Runs a program on a terminal of its own (script(1) makes it) to its end; all that is shown is its `stdout`. */
export async function answered(argv: readonly string[], { question, words }: Answer): Promise<ProgramResult> {
  const script = ['--quiet', '--flush', '--return', '--command', shellLine(argv), '/dev/null'];
  const child = spawn('script', script, {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  let shown = '';
  let isAnswered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (isAnswered || !shown.includes(question)) return;
    isAnswered = true;
    child.stdin.write(`${words}\r`);
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 255, stdout: shown, stderr: '' }));
  });
}
