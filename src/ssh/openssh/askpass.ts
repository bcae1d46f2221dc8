import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What ssh wants of a person: an answer, a yes, or nothing but to be noticed until it says no more. */
export interface Asked {
  /** Untrusted text: where the host asks, they are its words. */
  readonly prompt: string;
  readonly want: 'answer' | 'yes' | 'notice';
  /** The process that asks: each jump host has an ssh of its own. */
  readonly asker: number;
  /** Aborts when ssh waits no longer. */
  readonly signal: AbortSignal;
}

/** The way on which an ssh of ours asks; it is in the directory of the master, and gone with it. */
export interface Askpass {
  /** To be added to the environment of ssh. No secret is in it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Whoever is being asked is told that it is over; never rejects. */
  close(): void;
}

/**
 * ssh runs it with the prompt as its one argument, and takes what it prints for the answer (ssh(1), SSH_ASKPASS).
 * A program of its own, since an askpass takes no arguments of ours.
 */
const starter = `#!/bin/sh
exec "$FLURRY_ASKPASS_NODE" "$0.cjs" "$@"
`;

const program = `
const { connect } = require('node:net');
const { join } = require('node:path');
const socket = connect(join(__dirname, 'ask'));
const give = (answer) => process.stdout.write(answer + '\\n', () => process.exit(0));
let said = '';
socket.setEncoding('utf8');
socket.on('data', (text) => {
  said += text;
  if (!said.endsWith('\\n')) return;
  const { answer } = JSON.parse(said);
  if (answer === null) process.exit(1);
  give(answer);
});
socket.on('error', () => process.exit(1));
socket.on('close', () => {
  if (!said.endsWith('\\n')) process.exit(1);
});
const [, , prompt = ''] = process.argv;
socket.write(JSON.stringify({ prompt, want: process.env.SSH_ASKPASS_PROMPT || '', asker: process.ppid }) + '\\n');
`;

const longestPrompt = 64 * 1024;

/** Makes the way; `answer` gives undefined where there is no answer, and must not reject. */
export async function openAskpass(
  directory: string,
  answer: (asked: Asked) => Promise<string | undefined>,
): Promise<Askpass> {
  const askpass = join(directory, 'askpass');
  const gone = new AbortController();
  const server = createServer((socket) => serve(socket, gone.signal, answer));
  server.on('error', () => {});
  await Promise.all([
    writeFile(askpass, starter, { mode: 0o700 }),
    writeFile(`${askpass}.cjs`, program, { mode: 0o600 }),
    new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(join(directory, 'ask'), listening);
    }),
  ]);
  server.unref();
  return {
    environment: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', FLURRY_ASKPASS_NODE: process.execPath },
    close: () => {
      gone.abort();
      server.close();
    },
  };
}

function serve(socket: Socket, gone: AbortSignal, answer: (asked: Asked) => Promise<string | undefined>): void {
  const over = new AbortController();
  const stop = () => {
    over.abort();
    socket.destroy();
  };
  gone.addEventListener('abort', stop, { once: true });
  socket.on('error', () => {});
  socket.once('close', () => {
    over.abort();
    gone.removeEventListener('abort', stop);
  });
  let length = 0;
  socket.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length > longestPrompt) stop();
  });
  createInterface({ input: socket }).once('line', (line) => {
    const question = questionIn(line);
    if (question === undefined) stop();
    else
      void answer({ ...question, signal: over.signal }).then((given) => {
        if (question.want !== 'notice' && !socket.destroyed)
          socket.end(`${JSON.stringify({ answer: given ?? null })}\n`);
      });
  });
}

/** SSH_ASKPASS_PROMPT is `confirm` or `none`, or absent (readpass.c). */
function questionIn(line: string): Omit<Asked, 'signal'> | undefined {
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read !== 'object' || read === null || !('prompt' in read) || !('want' in read)) return undefined;
    const { prompt, want } = read;
    const asker = 'asker' in read ? read.asker : undefined;
    if (typeof prompt !== 'string' || typeof asker !== 'number') return undefined;
    return { prompt, asker, want: want === 'none' ? 'notice' : want === 'confirm' ? 'yes' : 'answer' };
  } catch {
    return undefined;
  }
}
