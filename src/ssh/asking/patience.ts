/** A limit in time that does not run while a person is waited for. */
export class Patience {
  #leftMs: number;
  readonly #over: () => void;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #waits = 0;
  #ended = false;
  #settled: Promise<unknown> = Promise.resolve();

  /** `over` is called once, when so much time has passed. */
  constructor(limitMs: number, over: () => void) {
    this.#leftMs = limitMs;
    this.#over = over;
    this.#run();
  }

  /** Does work that waits for a person: the limit stands still until it is done. */
  async whileAsked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waits === 0) this.#stop();
    this.#waits += 1;
    const done = work();
    this.#settled = Promise.allSettled([this.#settled, done]);
    try {
      return await done;
    } finally {
      this.#waits -= 1;
      if (this.#waits === 0) this.#run();
    }
  }

  /** Settles when nobody is waited for any more; never rejects. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #run(): void {
    if (this.#ended) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#over, this.#leftMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedAt));
  }
}
