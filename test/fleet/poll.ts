import { setTimeout as pause } from 'node:timers/promises';

export interface PollOptions {
  /** What is waited for, as a claim: it becomes the error message. */
  readonly what: string;
  readonly limitMs: number;
  readonly everyMs?: number;
}

/** Asks until the answer is not undefined; rejects after the limit, naming what did not come. */
export async function poll<T>(ask: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const deadline = performance.now() + options.limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${options.limitMs} ms: ${options.what}`);
    await pause(options.everyMs ?? 50);
  }
}
