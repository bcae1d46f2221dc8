import { randomBytes } from 'node:crypto';
import type { Channel, Session, Shell } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { redacted } from '../core/redacted.ts';
import { shellLine, shellQuote } from '../core/shell-quote.ts';
import { linesOf } from './lines.ts';

export interface Question {
  /** How errors name it: a noun, for example `the host's facts`. */
  readonly name: string;
  /** One of our own scripts; nothing is ever spliced into it. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly shell: Shell;
  readonly timeoutMs: number;
  /** How much may be printed in all, noise before the answer included; 1 MiB unless told. */
  readonly length?: 'endless';
  /** A script that says something at least every few seconds: silence for so long means that contact is lost. */
  readonly silenceMs?: number;
}

const answerLimitBytes = 1024 * 1024;
const stderrLimitBytes = 16 * 1024;

/**
 * Runs one script on a host and gives what it printed. The remote command is a constant shell; script and arguments go
 * by standard input, and the answer stands between random marks, so that login shells and chatty profiles do not matter.
 *
 * Throws connection-lost, answer-timeout, answer-too-long, bad-answer (no shell answered), host-script-failed (the script
 * itself did, which our scripts do only where they cannot do their work).
 */
export async function ask(session: Session, question: Question, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  await converse(session, question, signal, (line) => lines.push(line));
  return lines.join('\n');
}

/** As `ask`, with each line given as it comes. Same errors. */
export async function converse(
  session: Session,
  question: Question,
  signal: AbortSignal,
  onLine: (line: string) => unknown,
): Promise<void> {
  signal.throwIfAborted();
  const words = shellLine(redacted(question.arguments));
  session.say?.(`asked for ${question.name}, as ${question.shell}${words === '' ? '' : `: ${words}`}`);
  const limit = AbortSignal.timeout(question.timeoutMs);
  const silence = silenceAfter(question.silenceMs);
  const either = AbortSignal.any([signal, limit, silence.signal]);
  const broken = (): FlurryError | undefined => {
    // First: behind a sleep of this machine both may be over, and the host has only not been heard.
    if (silence.signal.aborted) return lost(question);
    if (limit.aborted)
      return new FlurryError({ code: 'answer-timeout', question: question.name, afterMs: question.timeoutMs });
    return undefined;
  };
  const channel = await session.openShell(question.shell, either).catch((error: unknown) => {
    silence.stop();
    throw broken() ?? error;
  });
  const giveUp = (): void => channel.close();
  either.addEventListener('abort', giveUp, { once: true });
  try {
    const mark = `flurry-${randomBytes(9).toString('hex')}`;
    const stderr = tailOf(channel.stderr);
    channel.stdin.on('error', () => {}); // a lost connection is told by `ended`
    channel.stdin.end(framed(question, mark));
    const exitCode = await readMarked(channel, mark, question, (line) => {
      silence.broken();
      onLine(line);
    });
    const end = exitCode === 0 ? undefined : await channel.ended;
    signal.throwIfAborted();
    const failure = broken();
    if (failure !== undefined) throw failure;
    if (exitCode === 0) return;
    if (exitCode !== undefined) {
      throw new FlurryError({ code: 'host-script-failed', question: question.name, exitCode, tail: stderr() });
    }
    if (end?.kind === 'lost') throw lost(question);
    throw new FlurryError({
      code: 'bad-answer',
      question: question.name,
      expected: 'a shell that runs the script on its standard input',
      found: stderr().trim() || `the shell ended (${end?.kind === 'exit' ? `exit ${end.code}` : end?.kind})`,
    });
  } finally {
    either.removeEventListener('abort', giveUp);
    silence.stop();
    channel.close();
  }
}

function lost(question: Question): FlurryError {
  return new FlurryError({ code: 'connection-lost', said: `while waiting for ${question.name}` });
}

/** A signal that is given after so long without a word; `broken` starts the time anew. */
function silenceAfter(ms: number | undefined) {
  const silent = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => silent.abort(), ms);
  return { signal: silent.signal, broken: () => timer?.refresh(), stop: () => clearTimeout(timer) };
}

function framed(question: Question, mark: string): string {
  const words = question.arguments.map(shellQuote).join(' ');
  return [
    `printf '\\n%s\\n' ${mark}-begin`,
    '(',
    `set -- ${words}`,
    question.script,
    ') </dev/null',
    `printf '\\n%s %d\\n' ${mark}-end "$?"`,
    'exit',
    '',
  ].join('\n');
}

/** Gives the script's exit code, or nothing when the output ended before the mark came. */
async function readMarked(
  channel: Channel,
  mark: string,
  question: Question,
  onLine: (line: string) => unknown,
): Promise<number | undefined> {
  let inside = false;
  // The end mark brings its own line break: one empty line is held back until it is known whose it was.
  let held = false;
  let exitCode: number | undefined;
  for await (const line of linesOf(
    question.length === 'endless' ? channel.stdout : limited(channel.stdout, question.name),
  )) {
    if (!inside) {
      inside = line === `${mark}-begin`;
      continue;
    }
    if (line.startsWith(`${mark}-end `)) {
      exitCode = Number(line.slice(mark.length + 5));
      if (exitCode === 0) return exitCode;
      continue; // to the end of the stream: what the script said about its failure may still be under way
    }
    if (held) onLine('');
    held = line === '';
    if (!held) onLine(line);
  }
  return exitCode;
}

async function* limited(stream: NodeJS.ReadableStream, question: string): AsyncGenerator<string | Buffer> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > answerLimitBytes)
      throw new FlurryError({ code: 'answer-too-long', question, limitBytes: answerLimitBytes });
    yield chunk;
  }
}

function tailOf(stream: NodeJS.ReadableStream): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer | string) => {
    tail = Buffer.concat([tail, Buffer.from(chunk)]).subarray(-stderrLimitBytes);
  });
  return () => tail.toString('utf8');
}
