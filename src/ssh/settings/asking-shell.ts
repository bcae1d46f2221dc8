import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** What `ssh -G` printed and how it ended; `absent` where there is no such program. */
export interface Printed {
  readonly status: number | 'absent';
  readonly stdout: string;
  readonly stderr: string;
}

export interface AskLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks `ssh -G` one question after the other: the first by its arguments, later ones by standard input, the number of
 * words and then each word on a line. A mark ends each answer, on both streams. Nothing but ssh is run by it.
 */
export const askingScript = `
mark=$1
shift
while :; do
  status=absent
  if command -v ssh >/dev/null; then
    command ssh -T -G "$@" </dev/null
    status=$?
  fi
  printf '%s %s\\n' "$mark" "$status"
  printf '%s\\n' "$mark" >&2
  IFS= read -r left || exit 0
  set --
  while [ "$left" -gt 0 ]; do
    IFS= read -r word || exit 0
    set -- "$@" "$word"
    left=$((left - 1))
  done
done
`;

const mostCharacters = 1024 * 1024;

/**
 * A shell that runs `ssh -G` for one host after the other. Node stands still while it starts a program, some
 * milliseconds each: at hundreds of hosts that was its largest cost.
 */
export class AskingShell {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #mark = `flurry-${randomBytes(12).toString('hex')}`;
  #child: ChildProcess | undefined;
  #heard = { stdout: '', stderr: '' };
  #onNews: (failure?: Error) => void = () => {};

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Whether it can be asked this next: one that has been asked before cannot be told a line end. */
  takes(words: readonly string[]): boolean {
    return this.#isRunning() && !words.some((word) => word.includes('\n'));
  }

  /**
   * Gives what `ssh -G` with these words came to; one question at a time. Rejects with the signal's reason, or with why
   * there is no answer: then the shell and all that it ran have been killed.
   */
  async ask(words: readonly string[], { timeoutMs, signal }: AskLimits): Promise<Printed> {
    signal.throwIfAborted();
    this.#heard = { stdout: '', stderr: '' };
    let giveUp = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Printed>((resolve, reject) => {
        this.#onNews = (failure) => {
          const answer = this.#answer();
          if (failure !== undefined) reject(failure);
          else if (answer !== undefined) resolve(answer);
        };
        giveUp = () => reject(signal.reason);
        signal.addEventListener('abort', giveUp, { once: true });
        timer = setTimeout(() => reject(new Error(`ssh -G gave no answer within ${timeoutMs} ms`)), timeoutMs);
        if (this.#child === undefined) this.#child = this.#start(words);
        else this.#child.stdin?.write([words.length, ...words].map((line) => `${line}\n`).join(''));
      });
    } catch (error) {
      this.#kill();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      this.#onNews = () => {};
    }
  }

  /** Lets it end. What a `Match exec` left running holds nothing of ours. */
  end(): void {
    for (const stream of this.#child?.stdio ?? []) stream?.destroy();
    this.#child?.unref();
  }

  #start(words: readonly string[]): ChildProcess {
    // A group of its own: a program of a Match exec outlives its ssh.
    const child = spawn('/bin/sh', ['-c', askingScript, 'sh', this.#mark, ...words], {
      env: this.#environment,
      detached: true,
    });
    for (const name of ['stdout', 'stderr'] as const) {
      // There is none where no more descriptors could be had.
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#heard[name] += text;
        const isTooMuch = this.#heard[name].length > mostCharacters;
        this.#onNews(isTooMuch ? new Error('ssh -G does not end its answer') : undefined);
      });
    }
    child.stdin?.on('error', () => {});
    child.on('error', (error) => this.#onNews(error));
    child.on('close', (_, by) => this.#onNews(new Error(`the shell for ssh -G has ended${by ? ` by ${by}` : ''}`)));
    return child;
  }

  #answer(): Printed | undefined {
    const { stdout, stderr } = this.#heard;
    const [printed = '', status] = stdout.split(this.#mark);
    const [said = '', isWhole] = stderr.split(this.#mark);
    if (!status?.endsWith('\n') || !isWhole?.endsWith('\n')) return undefined;
    return { status: status.trim() === 'absent' ? 'absent' : Number(status), stdout: printed, stderr: said };
  }

  #kill(): void {
    const pid = this.#child?.pid;
    // Once it has been waited for, the number may be another's.
    if (pid !== undefined && this.#isRunning()) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    this.end();
  }

  #isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }
}
