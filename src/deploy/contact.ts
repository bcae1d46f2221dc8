import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../core/host.ts';
import type { Connect, Session } from '../core/ports.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import type { Reach } from './reach.ts';
import { isLoginRefused, pauseAfterRefusal } from './refusal.ts';
import { onWake } from './wake.ts';

/** The way to a host that may go away and come back while what was begun there goes on. */
export interface Contact {
  /**
   * Does the work over the connection; where that is lost, finds the host again and does it once more, so the work must
   * bear that. Throws contact-lost when the host was not found again within `limitMs`, authentication-failed or
   * key-unusable where it does not let us in any more and is not going to change by itself, what else the work throws,
   * and the reason of the signal, which ends the search alone.
   */
  persist<T>(work: (session: Session) => Promise<T>, limitMs: number, signal?: AbortSignal): Promise<T>;
  /** Does the work over the connection that stands, once. */
  once<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Closes the connections that were opened here. */
  close(): Promise<void>;
}

// One call of `connect` makes three tries, with pauses between them.
const longestTries = 4;
const firstPauseMs = 500;
const longestPauseMs = 5000;

export function contactWith(
  session: Session,
  options: {
    readonly host: Host;
    readonly connect: Connect;
    readonly connectTimeoutMs: number;
    readonly reach: Reach;
    /** Told when contact is lost, before the host is looked for. */
    readonly onLost?: () => void;
    /** Ends the search for a host that was lost, where no other signal is given for it. */
    readonly signal?: AbortSignal;
    /** Told when the host answers and does not let us in; it is tried again after so long. */
    readonly onRefused?: (problem: Problem, againInMs: number) => void;
    /** Told when another connection has taken the place of the lost one. */
    readonly onFound: (session: Session) => void;
  },
): Contact {
  const opened: Session[] = [];
  let current = session;
  let finding: Promise<void> | undefined;
  // Whatever stood before a sleep is most likely dead, and only silence would tell it, much later.
  const stopWatching = onWake(() => void current.close());

  const find = async (limitMs: number, signal: AbortSignal): Promise<Session> => {
    const { host, connect, connectTimeoutMs } = options;
    let pauseMs = firstPauseMs;
    // Of a try in which this machine slept, only so much counts: behind a sleep the network takes a moment.
    let spentMs = 0;
    let refusals = 0;
    for (;;) {
      const triedAt = performance.now();
      try {
        return await connect(host, { timeoutMs: connectTimeoutMs, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FlurryError)) throw error;
        const problem = problemOf(error);
        const isRefused = isLoginRefused(problem.code);
        if (isRefused) refusals += 1;
        const waitMs = isRefused ? pauseAfterRefusal(refusals, options.reach.soonestBackMs()) : pauseMs;
        if (waitMs === undefined) throw error;
        spentMs += Math.min(performance.now() - triedAt, longestTries * connectTimeoutMs) + waitMs;
        if (spentMs > limitMs) {
          const afterMs = Math.round(spentMs);
          throw new FlurryError({ code: 'contact-lost', state: 'unknown', afterMs }, { cause: error });
        }
        if (isRefused) options.onRefused?.(problem, waitMs);
        await pause(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  };

  const refind = async (lost: Session, limitMs: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    options.reach.lost();
    options.onLost?.();
    // What it still had to say would come twice: by it, and by the one that takes its place.
    void lost.close();
    current = await find(limitMs, signal);
    opened.push(current);
    options.onFound(current);
    options.reach.again();
  };

  return {
    async persist(work, limitMs, signal = options.signal ?? never) {
      for (;;) {
        const over = current;
        try {
          return await work(over);
        } catch (error) {
          if (problemOf(error).code !== 'connection-lost') throw error;
          // Several may be at work with this host: it is looked for once.
          if (current !== over) continue;
          finding ??= refind(over, limitMs, signal).finally(() => {
            finding = undefined;
          });
          await finding;
        }
      }
    },
    once: async (work) => await work(current),
    async close() {
      stopWatching();
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}

const never = new AbortController().signal;
