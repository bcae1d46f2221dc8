import { execa } from 'execa';

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface ProgramOptions {
  readonly allowFailure?: boolean;
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program of this machine that failed: its words are in the message, its status in `code`. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  readonly code: number;

  constructor(argv: readonly string[], result: ProgramResult, why: string) {
    super(`${argv.slice(0, 12).join(' ').slice(0, 300)}: ${why}\n${result.stdout}${result.stderr}`.trimEnd());
    this.code = result.code;
  }
}

/** Runs a program on this machine, with a limit (60 s); rejects with ProgramFailed unless failure is allowed. */
export async function program(
  name: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const ended = await execa(name, args, {
    reject: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stripFinalNewline: false,
    input: options.input ?? '',
    env: { LC_ALL: 'C.UTF-8', ...options.environment },
  });
  const result = { stdout: ended.stdout, stderr: ended.stderr, code: ended.exitCode ?? 255 };
  const argv = [name, ...args];
  if (ended.timedOut) throw new ProgramFailed(argv, result, `not done after ${timeoutMs} ms`);
  if (ended.exitCode === undefined && ended.signal === undefined) {
    throw new ProgramFailed(argv, result, ended.shortMessage ?? 'could not be started');
  }
  if (result.code !== 0 && !options.allowFailure) {
    throw new ProgramFailed(argv, result, ended.signal ? `killed by ${ended.signal}` : `status ${result.code}`);
  }
  return result;
}
