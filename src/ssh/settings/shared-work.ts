interface Work<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
  settled: boolean;
  /** Once it is there. */
  value?: T;
}

/**
 * Work of which there is one for each key, however many want its result. It goes on as long as anybody waits for it;
 * when the last one gives up, it is ended and forgotten.
 */
export class SharedWork<T> {
  readonly #works = new Map<string, Work<T>>();

  /** Gives the result of the work, which is started unless it has been. Throws as the work, or the signal's reason. */
  async result(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const work = this.#works.get(key) ?? this.#begin(key, start);
    work.waiting += 1;
    let leave: () => void = () => {};
    const given = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([work.result, given]);
    } finally {
      signal.removeEventListener('abort', leave);
      work.waiting -= 1;
      if (work.waiting === 0 && !work.settled && signal.aborted && this.#works.get(key) === work) {
        this.#works.delete(key);
        work.stop.abort(signal.reason);
      }
    }
  }

  /** Whoever comes next starts the work anew; unless by now it is another one, where a result is given. */
  forget(key: string, result?: T): void {
    const work = this.#works.get(key);
    if (result === undefined || work?.value === result) this.#works.delete(key);
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Work<T> {
    const stop = new AbortController();
    const work: Work<T> = { result: start(stop.signal), stop, waiting: 0, settled: false };
    this.#works.set(key, work);
    const settle = (): void => {
      work.settled = true;
    };
    // Whoever waits is told of a failure; nobody may be left.
    work.result.then((value) => {
      work.value = value;
      settle();
    }, settle);
    return work;
  }
}
