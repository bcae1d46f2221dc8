import { Semaphore } from '../semaphore.ts';
import { Turns } from '../turns.ts';
import { AskingShell, type AskLimits, type Printed } from './asking-shell.ts';

// Each runs an ssh, and all hosts of a run are resolved before the first is dialled where a person may be asked.
const shellsAtOnce = 16;

/** The shells that run `ssh -G`: a host has one for itself while it is asked for, and the next host uses it again. */
export class AskingShells {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #slots = new Semaphore(shellsAtOnce);
  readonly #starts = new Turns();
  readonly #free: AskingShell[] = [];
  #wanting = 0;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Gives what `ssh -G` with these words came to; the limit counts from when it is its turn. Throws as `AskingShell.ask`. */
  async ask(words: readonly string[], limits: AskLimits): Promise<Printed> {
    let wants = 1;
    this.#wanting += wants;
    const isServed = (): void => {
      this.#wanting -= wants;
      wants = 0;
    };
    let leave = (): void => {};
    try {
      leave = await this.#slots.enter(limits.signal);
      const shell = await this.#shellFor(words);
      isServed();
      const printed = await shell.ask(words, limits);
      this.#free.push(shell);
      return printed;
    } finally {
      isServed();
      leave();
      if (this.#wanting === 0) for (const shell of this.#free.splice(0)) shell.end();
    }
  }

  async #shellFor(words: readonly string[]): Promise<AskingShell> {
    const free = this.#freeFor(words);
    if (free !== undefined) return free;
    // Node stands still for each.
    await this.#starts.next();
    return this.#freeFor(words) ?? new AskingShell(this.#environment);
  }

  #freeFor(words: readonly string[]): AskingShell | undefined {
    const shell = this.#free.pop();
    if (shell === undefined || shell.takes(words)) return shell;
    shell.end();
    return undefined;
  }
}
