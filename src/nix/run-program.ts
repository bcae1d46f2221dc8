import { lineTail } from './line-tail.ts';
import { programRuns } from './program-watch.ts';

const maxStdoutLength = 32 * 1024 * 1024;
const maxSaidLines = 40;
const killAfterMs = 2000;

export interface Program {
  readonly name: 'nix' | 'nix-store' | 'git';
  readonly arguments: readonly string[];
  /** Added to our own environment; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Each line of standard error as it comes, already printable. */
  readonly onLine?: (line: string) => void;
  /** Gives the words of a line of standard error where it is made for programs: lines of text, or nothing. */
  readonly readLine?: (line: string) => string | undefined;
}

/** How a program ended. `said` is the tail of its standard error: untrusted, printable, bounded. */
export type ProgramEnd =
  | { readonly kind: 'ok'; readonly stdout: string; readonly said: string }
  | { readonly kind: 'failed'; readonly said: string; readonly exitCode?: number; readonly signal?: string }
  | { readonly kind: 'missing' };

// Neither program may ask a person: standard input is closed, and these keep git and ssh from opening the terminal.
// GIT_OPTIONAL_LOCKS keeps git, also below Nix, from refreshing the user's index. The GIT_* taken away would turn
// every repository into the one whose hook has started us.
const quiet = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  SSH_ASKPASS_REQUIRE: 'force',
  NO_COLOR: '1',
} as const;

/**
 * Runs a program from PATH to its end, without a shell; it ends when `signal` fires or this process ends.
 * Throws the signal's reason once that has fired, nothing else.
 */
export async function runProgram(program: Program): Promise<ProgramEnd> {
  program.signal.throwIfAborted();
  const { execa } = await import('execa');
  programRuns(program.name, program.arguments);
  const said = lineTail(maxSaidLines, program.onLine, program.readLine);
  const child = execa(program.name, program.arguments, {
    env: { SSH_ASKPASS: process.env['SSH_ASKPASS'] ?? 'false', ...quiet, ...program.environment },
    stdin: 'ignore',
    buffer: { stdout: true, stderr: false },
    maxBuffer: { stdout: maxStdoutLength },
    stripFinalNewline: false,
    cancelSignal: program.signal,
    forceKillAfterDelay: killAfterMs,
    cleanup: true,
    reject: false,
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => said.push(chunk));
  const result = await child;
  program.signal.throwIfAborted();
  said.end();
  if (!result.failed) return { kind: 'ok', stdout: result.stdout, said: said.text() };
  if (result.code === 'ENOENT' || result.code === 'EACCES') return { kind: 'missing' };
  if (result.isMaxBuffer) return { kind: 'failed', said: `${program.name} printed more than ${maxStdoutLength} bytes` };
  const end = result.signal === undefined ? `exit ${result.exitCode}` : result.signal;
  return {
    kind: 'failed',
    said: said.text() || `${program.name} ended without a word (${result.code ?? end})`,
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result.signal === undefined ? {} : { signal: result.signal }),
  };
}
