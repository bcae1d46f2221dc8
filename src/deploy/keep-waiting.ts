import { setTimeout as pause } from 'node:timers/promises';
import type { Decision, Word } from '../host/transaction.ts';

/** A host that waits for a word and is kept waiting: its deadline is moved again and again. */
export interface Kept {
  /** Moves the deadline now. Settles when the host has granted that, or when there is nothing to wait for any more. */
  renew(): Promise<void>;
  /** Lets the deadline be. */
  stop(): void;
  /** What the host last said; `undecided` while it waits. */
  readonly decided: Decision;
}

export interface KeepWaiting {
  readonly say: (word: Word) => Promise<Decision>;
  /** By so much the deadline is moved, three times within it and at least every 15 s. */
  readonly extendMs: number;
  /** Until the deadline that the host has now. */
  readonly leftMs: number;
  /** Ends it, as `stop` does. */
  readonly until: AbortSignal;
  /** Told of everything that fails; gives in how many milliseconds the next try follows. */
  readonly onFailure: (error: unknown) => number;
  /** Told once: it was decided, or (`undecided`) its deadline has passed without a renewal. */
  readonly onEnd: (decided: Decision) => void;
}

const longestEveryMs = 15_000;
// The host moves its deadline a moment after it has answered.
const graceMs = 1000;

/** Begins to keep a host waiting, with a first renewal at once. */
export function keepWaiting({ say, extendMs, leftMs, until, onFailure, onEnd }: KeepWaiting): Kept {
  const everyMs = Math.min(longestEveryMs, extendMs / 3);
  const stopped = new AbortController();
  const over = AbortSignal.any([stopped.signal, until]);
  let decided: Decision = 'undecided';
  let asked: readonly (() => void)[] = [];
  let wake = new AbortController();
  let deadline: NodeJS.Timeout | undefined;

  const end = (how: Decision): void => {
    if (!over.aborted) onEnd(how);
    stopped.abort();
  };
  const countFrom = (ms: number): void => {
    clearTimeout(deadline);
    if (!over.aborted) deadline = setTimeout(() => end('undecided'), ms + graceMs);
  };
  /** Gives when the next one is due. */
  const renewOnce = async (): Promise<number> => {
    const served = asked;
    asked = [];
    try {
      decided = await say({ extendMs });
      countFrom(extendMs);
      if (decided !== 'undecided') end(decided);
      for (const granted of served) granted();
      return asked.length > 0 ? 0 : everyMs;
    } catch (error) {
      asked = [...served, ...asked];
      return over.aborted ? 0 : onFailure(error);
    }
  };
  const renewing = async (): Promise<void> => {
    while (!over.aborted) {
      const waitMs = await renewOnce();
      wake = new AbortController();
      await pause(waitMs, undefined, { signal: AbortSignal.any([over, wake.signal]) }).catch(() => {}); // woken
    }
    clearTimeout(deadline);
    for (const settle of asked) settle();
  };
  over.addEventListener('abort', () => {
    clearTimeout(deadline);
    for (const settle of asked) settle();
  });
  countFrom(leftMs);
  void renewing();

  return {
    async renew() {
      if (over.aborted) return;
      await new Promise<void>((granted) => {
        asked = [...asked, granted];
        wake.abort();
      });
    },
    stop: () => stopped.abort(),
    get decided() {
      return decided;
    },
  };
}
