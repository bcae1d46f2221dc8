import type { Pace, Tried } from '../core/check.ts';

/** How a check ended, or how it stands; `stopped`: nobody wants to know any more. */
export interface CheckEnd {
  readonly state: 'passed' | 'failed' | 'stopped';
  /** By the last try that ended; empty where none has. */
  readonly seen: string;
  readonly tries: number;
  readonly milliseconds: number;
}

export interface CheckLoop {
  /** Tries once. Keeps `limitMs` itself; `signal` ends it before. May throw only once that has fired. */
  readonly tryOnce: (limitMs: number, signal: AbortSignal) => Promise<Tried>;
  /** Told of each try after which another one follows. */
  readonly onTry: (tried: Tried, standing: Pick<CheckEnd, 'tries' | 'milliseconds'>) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Clock {
  /** Milliseconds; never goes back. */
  readonly now: () => number;
  /** Settles after so long, or when the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Tries a check until it passes, until `retries` tries have failed, or until its time is over: what is being tried then
 * counts for nothing. Throws only what `tryOnce` should not throw.
 */
export async function runCheck(
  { startDelayMs, periodMs, tryTimeoutMs, timeoutMs, retries }: Pace,
  { tryOnce, onTry, clock, signal }: CheckLoop,
): Promise<CheckEnd> {
  const startedAt = clock.now();
  const over = new AbortController();
  const done = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  void clock.pause(timeoutMs, AbortSignal.any([signal, done.signal])).then(() => over.abort());
  let last: Tried = { outcome: 'not-yet', seen: '' };
  let tries = 0;
  let failures = 0;
  const end = (state: CheckEnd['state']): CheckEnd => {
    done.abort();
    return { state, seen: last.seen, tries, milliseconds: Math.round(clock.now() - startedAt) };
  };
  const isOver = (): boolean => either.aborted;
  const ended = firing(either);

  await clock.pause(startDelayMs, either);
  while (!isOver()) {
    const leftMs = timeoutMs - (clock.now() - startedAt);
    const trying = tryOnce(Math.min(tryTimeoutMs, leftMs), either).catch((error: unknown) => {
      if (!isOver()) throw error;
      return undefined;
    });
    const tried = await Promise.race([trying, ended]);
    if (tried === undefined) break;
    last = tried;
    tries += 1;
    if (tried.outcome === 'passed') return end('passed');
    if (tried.outcome === 'failed') failures += 1;
    if (retries !== undefined && failures >= retries) return end('failed');
    onTry(tried, { tries, milliseconds: Math.round(clock.now() - startedAt) });
    await clock.pause(periodMs, either);
  }
  return end(signal.aborted ? 'stopped' : 'failed');
}

/** Settles when the signal fires. */
function firing(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
