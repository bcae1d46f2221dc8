import type { Channel } from '../core/ports.ts';
import { rootGreeting, sudoPrompt } from './remote-command.ts';

/** How sudo answered. `said`: what it printed, untrusted. */
export type SudoAnswer =
  | { readonly kind: 'root' }
  /** The password was wrong, or is not all that sudo asks for. */
  | { readonly kind: 'password'; readonly said: string }
  /** It says no, whatever the password, or there is no sudo. */
  | { readonly kind: 'denied'; readonly said: string }
  | { readonly kind: 'lost' };

const limitBytes = 64 * 1024;

/**
 * Brings a channel of `shellOfRootWithPassword` to where the shell of root reads its standard input. `line` is sent only
 * once sudo asks, and only once: sudo asks three times, and takes whatever comes by its standard input for the next
 * answer, so nothing else is written before the shell has greeted. Throws the signal's reason. Whoever called closes
 * the channel unless it is root's.
 */
export async function answerSudo(channel: Channel, line: string, signal: AbortSignal): Promise<SudoAnswer> {
  signal.throwIfAborted();
  const { stdin, stdout, stderr } = channel;
  stdin.on('error', () => undefined); // a lost connection is told by `ended`
  const greeting = `${rootGreeting}\n`;
  let heard = Buffer.alloc(0);
  let said = '';
  let sent = false;
  let stopped = false;
  let stop = (): void => undefined;
  try {
    return await new Promise<SudoAnswer>((resolve, reject) => {
      const onOutput = (): void => {
        heard = Buffer.concat([heard, takeAll(stdout)]);
        const at = heard.indexOf(greeting);
        if (at < 0 && heard.length <= limitBytes) return;
        if (at < 0) {
          resolve({ kind: 'denied', said: 'too much was printed before a shell of root' });
          return;
        }
        const rest = heard.subarray(at + greeting.length);
        if (rest.length > 0) stdout.unshift(rest);
        resolve({ kind: 'root' });
      };
      const onErrors = (): void => {
        said = `${said}${takeAll(stderr).toString('utf8')}`.slice(-limitBytes);
        const asked = said.split(sudoPrompt).length - 1;
        if (asked > 1) resolve({ kind: 'password', said: plain(said, line) });
        if (asked !== 1 || sent) return;
        sent = true;
        stdin.write(line);
      };
      const onEnd = (lost: boolean): void => {
        if (stopped) return; // what is left is for whoever talks to the shell
        onErrors();
        resolve(lost ? { kind: 'lost' } : { kind: 'denied', said: plain(said, line) });
      };
      const onAbort = (): void => reject(signal.reason);
      stdout.on('readable', onOutput);
      stderr.on('readable', onErrors);
      signal.addEventListener('abort', onAbort, { once: true });
      void channel.ended.then((end) => onEnd(end.kind === 'lost'));
      stop = () => {
        stopped = true;
        stdout.off('readable', onOutput);
        stderr.off('readable', onErrors);
        signal.removeEventListener('abort', onAbort);
      };
    });
  } finally {
    stop();
  }
}

function takeAll(stream: NodeJS.ReadableStream): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk: unknown = stream.read();
    if (!(chunk instanceof Buffer)) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}

/** Nothing of a host that echoes what it is sent gets into our words. */
function plain(said: string, line: string): string {
  return said.replaceAll(sudoPrompt, '').replaceAll(line.trimEnd(), '').trim();
}
