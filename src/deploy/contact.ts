import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../core/host.ts';
import type { Connect, Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import type { Reach } from './reach.ts';

/** The way to a host that may go away and come back while its transaction goes on. */
export interface Contact {
  /**
   * Does the work over the connection; where that is lost, finds the host again and does it once more, so the work must
   * bear that. Throws contact-lost when the host was not found again within `limitMs`, and what else the work throws.
   */
  persist<T>(work: (session: Session) => Promise<T>, limitMs: number): Promise<T>;
  /** Closes the connections that were opened here. */
  close(): Promise<void>;
}

const firstPauseMs = 500;
const longestPauseMs = 5000;
// sshd punishes failed logins for longer and longer (PerSourcePenalties): after one, there is no hurry.
const pauseAfterRefusalMs = 20_000;

export function contactWith(
  session: Session,
  options: {
    readonly host: Host;
    readonly connect: Connect;
    readonly connectTimeoutMs: number;
    readonly reach: Reach;
    /** Told when another connection has taken the place of the lost one. */
    readonly onFound: (session: Session) => void;
  },
): Contact {
  const opened: Session[] = [];
  let current = session;

  const find = async (deadlineMs: number): Promise<Session> => {
    const { host, connect, connectTimeoutMs } = options;
    let pauseMs = firstPauseMs;
    const startedAt = performance.now();
    for (;;) {
      try {
        return await connect(host, { timeoutMs: connectTimeoutMs, signal: new AbortController().signal });
      } catch (error) {
        const { code } = problemOf(error);
        if (!(error instanceof FlurryError)) throw error;
        const waitMs = code === 'authentication-failed' ? pauseAfterRefusalMs : pauseMs;
        if (performance.now() + waitMs > deadlineMs) {
          const afterMs = Math.round(performance.now() - startedAt);
          throw new FlurryError({ code: 'contact-lost', state: 'unknown', afterMs }, { cause: error });
        }
        await pause(waitMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  };

  return {
    async persist(work, limitMs) {
      for (;;) {
        try {
          return await work(current);
        } catch (error) {
          if (problemOf(error).code !== 'connection-lost') throw error;
          options.reach.lost();
          current = await find(performance.now() + limitMs);
          opened.push(current);
          options.onFound(current);
          options.reach.again();
        }
      }
    },
    async close() {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}
