import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { ElevatePassword } from '../config/elevate-rules.ts';
import type { Person } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';

// What PAM takes at most. Behind that sudo would stop reading, and the shell would go on with the rest.
const longestBytes = 511;
const readBytes = 64 * 1024;
const patienceMs = 120_000;

/**
 * Gives the password of sudo for the whole run, from where it is to come: asked of the person, or read once. Nothing where
 * none is wanted. Throws bad-argument where there is none to be had, and the signal's reason.
 */
export async function readSudoPassword(
  source: ElevatePassword,
  { person, signal }: { readonly person: Pick<Person, 'secret'>; readonly signal: AbortSignal },
): Promise<string | undefined> {
  switch (source.kind) {
    case 'none':
      return undefined;
    case 'ask': {
      const answer = await person.secret('password of sudo on the hosts: ', signal);
      signal.throwIfAborted();
      if (answer !== undefined) return usable(answer, '--ask-elevate-password');
      throw unusable('--ask-elevate-password', 'an answer at the terminal', 'none', otherSources);
    }
    case 'command': {
      const argument = '--elevate-password-command';
      return usable(firstLine(await outputOf(source.command, argument, signal)), argument);
    }
    case 'file': {
      const argument = '--elevate-password-file';
      return usable(firstLine(await headOf(source.path, argument, signal)), argument);
    }
  }
}

const otherSources = 'without a terminal, --elevate-password-command or --elevate-password-file gives it';

function usable(password: string, argument: string): string {
  if (password === '') throw unusable(argument, 'a password', 'an empty line');
  const bytes = Buffer.byteLength(password);
  if (bytes > longestBytes) throw unusable(argument, `a password of at most ${longestBytes} bytes`, `${bytes} bytes`);
  if (/[\0\r\n]/.test(password)) throw unusable(argument, 'a password of one line', 'a line break or NUL within it');
  return password;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

function unusable(argument: string, expected: string, found: string, next?: string): FlurryError {
  return new FlurryError({
    ...{ code: 'bad-argument', argument, expected, found },
    ...(next === undefined ? {} : { next }),
  });
}

/** What a command of the user's own prints; it may ask at the terminal, and what it says on standard error is seen. */
async function outputOf(command: string, argument: string, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(patienceMs);
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['inherit', 'pipe', 'inherit'],
    signal: AbortSignal.any([signal, limit]),
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (output.length < readBytes) output += chunk;
  });
  const expected = 'a command that prints the password';
  try {
    const [code, killedBy]: readonly unknown[] = await once(child, 'close');
    if (code === 0) return output;
    throw unusable(argument, expected, code === null ? `ended by ${killedBy}` : `exit code ${code}`);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw unusable(argument, expected, `nothing within ${patienceMs / 1000} s`);
    throw error instanceof FlurryError ? error : unusable(argument, expected, 'one that cannot be run');
  }
}

/** The beginning of a file or of what comes through a descriptor. */
async function headOf(path: string, argument: string, signal: AbortSignal): Promise<string> {
  const expected = 'a file that holds the password';
  const limit = AbortSignal.timeout(patienceMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    return await Promise.race([readHead(path, either), givenUp(either)]);
  } catch (cause) {
    signal.throwIfAborted();
    const found = limit.aborted ? `nothing within ${patienceMs / 1000} s: ${path}` : path;
    throw new FlurryError({ code: 'bad-argument', argument, expected, found }, { cause });
  }
}

async function readHead(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path, 'r');
  let text = '';
  for await (const chunk of file.createReadStream({ encoding: 'utf8', signal })) {
    text += String(chunk);
    if (text.includes('\n') || text.length > readBytes) break;
  }
  return text;
}

async function givenUp(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}
