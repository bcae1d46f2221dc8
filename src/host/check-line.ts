import { randomBytes } from 'node:crypto';
import type { Probe } from '../core/check.ts';
import type { Channel, Session, Shell } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { shellLine } from '../core/shell-quote.ts';
import { linesOf } from './lines.ts';
import { scripts } from './scripts.ts';
import { secondsOf } from './seconds.ts';

/** A channel over which a host is told which checks to try, side by side. */
export interface CheckLine {
  /**
   * Has one tried, by its number, and gives what the host says of it. Throws connection-lost, bad-answer where the host
   * has ended it, and the signal's reason.
   */
  tryNow(check: number, limitMs: number, signal: AbortSignal): Promise<string>;
  /** Ends all that is being tried as well. */
  close(): void;
  readonly isOpen: boolean;
}

export interface CheckLineOptions {
  readonly probes: readonly Probe[];
  readonly shell: Shell;
  readonly timeoutMs: number;
}

const name = 'the health checks';
const stderrLimit = 4096;

/** Opens it. Throws connection-lost, answer-timeout, bad-answer (no shell answered), and the signal's reason. */
export async function openCheckLine(
  session: Session,
  { probes, shell, timeoutMs }: CheckLineOptions,
  signal: AbortSignal,
): Promise<CheckLine> {
  session.say?.(`asked for ${name}, as ${shell}: ${probes.length}`);
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  const tooLate = () => new FlurryError({ code: 'answer-timeout', question: name, afterMs: timeoutMs });
  const channel = await session.openShell(shell, either).catch((error: unknown) => {
    throw limit.aborted && !signal.aborted ? tooLate() : error;
  });
  const line = talkOver(channel);
  const giveUp = (): void => line.close();
  either.addEventListener('abort', giveUp, { once: true });
  try {
    const words = probes.map(wordsOf).flatMap((each) => [String(each.length), ...each]);
    await line.begin(words);
    return line;
  } catch (error) {
    line.close();
    signal.throwIfAborted();
    throw limit.aborted ? tooLate() : error;
  } finally {
    either.removeEventListener('abort', giveUp);
  }
}

function wordsOf(probe: Probe): readonly string[] {
  switch (probe.kind) {
    case 'unit':
      return ['unit', probe.unit];
    case 'command':
      // systemd takes the place of variables in the words of what it runs, but for a doubled sign (systemd.service(5)).
      return ['command', ...probe.command.map((word) => word.replaceAll('$', '$$$$'))];
    case 'http':
      return ['http', probe.url, probe.tls, probe.body ?? ''];
    case 'tcp':
      return ['tcp', probe.host, String(probe.port)];
    case 'ping':
      throw new Error('a host is not pinged from itself');
  }
}

interface Pending {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: unknown) => void;
}

function talkOver(channel: Channel): CheckLine & { begin(words: readonly string[]): Promise<void> } {
  const mark = `flurry-${randomBytes(9).toString('hex')}`;
  const pending = new Map<string, Pending>();
  let failure: FlurryError | undefined;
  let stderr = '';
  let count = 0;
  channel.stdin.on('error', () => {}); // a lost connection is told by `ended`
  channel.stderr.on('data', (chunk: Buffer | string) => {
    stderr = `${stderr}${chunk}`.slice(-stderrLimit);
  });

  const take = (id: string): Pending | undefined => {
    const one = pending.get(id);
    pending.delete(id);
    return one;
  };
  const listen = async (): Promise<void> => {
    for await (const line of linesOf(channel.stdout)) {
      if (line === mark) take('begin')?.resolve('');
      const [, id = '', answer = ''] = /^tried (\d+) (.*)$/.exec(line) ?? [];
      take(id)?.resolve(answer);
    }
  };
  const over = async (): Promise<void> => {
    const end = await channel.ended;
    failure =
      end.kind === 'lost'
        ? new FlurryError({ code: 'connection-lost', said: `while waiting for ${name}` })
        : new FlurryError({
            ...{ code: 'bad-answer', question: name, expected: 'a shell that runs the script on its standard input' },
            found: stderr.trim() || `the shell ended (${end.kind === 'exit' ? `exit ${end.code}` : end.signal})`,
          });
    for (const [id] of [...pending]) take(id)?.reject(failure);
  };
  void listen()
    .catch(() => {}) // the channel was closed
    .then(over);

  const answered = async (id: string, say: string, signal?: AbortSignal): Promise<string> => {
    signal?.throwIfAborted();
    if (failure !== undefined) throw failure;
    return await new Promise<string>((resolve, reject) => {
      const giveUp = (): void => take(id)?.reject(signal?.reason);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          signal?.removeEventListener('abort', giveUp);
          settle(value);
        };
      };
      pending.set(id, { resolve: settled(resolve), reject: settled(reject) });
      signal?.addEventListener('abort', giveUp, { once: true });
      channel.stdin.write(say);
    });
  };
  return {
    // In one command, behind which the shell hands its standard input over: dash reads ahead, but not before that is there.
    async begin(words) {
      const all = shellLine([scripts.checks, 'sh', mark, mark.slice(-12), ...words]);
      await answered('begin', `{\nset -- ${all}\n${scripts.ownSession}\n}\n`);
    },
    tryNow: (check, limitMs, signal) => {
      count += 1;
      // None at all is no limit, to the programs that keep it.
      return answered(String(count), `try ${count} ${check} ${secondsOf(Math.max(1, limitMs))}\n`, signal);
    },
    close: () => channel.close(),
    get isOpen() {
      return failure === undefined;
    },
  };
}
