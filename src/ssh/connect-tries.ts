import { setTimeout as delay } from 'node:timers/promises';
import { FlurryError, type Problem } from '../core/problem.ts';
import { Semaphore } from './semaphore.ts';

/** How one try to log in ended; `again` is `useless` where another one would end the same, or do harm. */
export type Attempt<T> =
  | { readonly kind: 'connected'; readonly value: T }
  | {
      readonly kind: 'failed';
      readonly problem: Problem;
      readonly cause: unknown;
      readonly again: 'worth-it' | 'useless';
    };

// sshd's MaxStartups is 10 by default; beyond that it drops connections at random, whoever makes them.
const handshakesAtOnce = 8;

/** One door for each address, through which few go at once. */
export class Doors {
  readonly #doors = new Map<string, Semaphore>();

  /** An address behind jump hosts is another machine than the same one here. */
  to(hostname: string, jumps: readonly string[]): Semaphore {
    const where = JSON.stringify([hostname, ...jumps]);
    const door = this.#doors.get(where) ?? new Semaphore(handshakesAtOnce);
    this.#doors.set(where, door);
    return door;
  }
}

export interface Tries<Way> {
  /** Of the host's address: shared by all who dial it. */
  readonly door: Semaphore;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Found before each try, and before the door. */
  readonly way: () => Promise<Way>;
}

const maxTries = 3;

/** Tries up to three times, with a pause that grows. Throws the last try's problem, or the signal's reason. */
export async function withTries<T, Way>(
  { door, signal, say, way }: Tries<Way>,
  attempt: (tries: number, way: Way) => Promise<Attempt<T>>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const through = await way();
    const leave = await door.enter(signal);
    const result = await attempt(tries, through).finally(leave);
    if (result.kind === 'connected') return result.value;
    if (result.again === 'useless' || tries === maxTries) {
      throw new FlurryError(result.problem, { cause: result.cause });
    }
    say(`try ${tries} of ${maxTries}: ${result.problem.code}`);
    await pause(tries, signal);
  }
}

/** 0.25 to 0.5 s, then 0.5 to 1 s: hosts that were dropped together must not come back together. */
async function pause(tries: number, signal: AbortSignal): Promise<void> {
  const longestMs = 250 * 2 ** tries;
  try {
    await delay(longestMs * (0.5 + Math.random() / 2), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
