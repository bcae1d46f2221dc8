import { setTimeout as pause } from 'node:timers/promises';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { converse } from './ask.ts';
import { scripts } from './scripts.ts';

/** What the units of one deployment print, as it comes; best effort: verdicts are read from files, never from here. */
export interface JournalFollower {
  /** Waits until the line with this mark came, at most `limitMs`, so that all lines before it have been seen. */
  until(mark: string, limitMs: number): Promise<void>;
  /** Goes on over another connection, behind the last line that came over the one before. */
  follow(session: Session): void;
  stop(): Promise<void>;
}

/** How long the last lines of a unit that has ended are waited for. */
export const logPatienceMs = 10_000;

const triesWithoutALine = 3;

/**
 * Follows the journal lines of a deployment's units over a channel of its own, each line once, however often it has to
 * begin anew. A follower that fails ends silently: the units do not depend on it.
 */
export function followJournal(
  session: Session,
  options: { readonly deploymentId: string; readonly shell: Shell },
  onLine: (line: string, unit: string) => void,
): JournalFollower {
  const waits = new Map<string, () => void>();
  const seen = new Set<string>();
  let cursor = '';
  let stopped = new AbortController();
  let tries = 0;

  const read = (line: string): void => {
    const entry = readEntry(line);
    if (entry === undefined) return;
    cursor = entry.cursor;
    tries = 0;
    if (isMark(entry.message)) {
      seen.add(entry.message);
      waits.get(entry.message)?.();
    } else {
      for (const part of entry.message.split('\n')) onLine(part, entry.unit);
    }
  };
  const start = async (over: Session, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    const question = {
      name: 'the journal',
      script: scripts.follow,
      arguments: [options.deploymentId, cursor],
      shell: options.shell,
      timeoutMs: 2 ** 31 - 1,
      length: 'endless' as const,
    };
    try {
      await converse(over, question, signal, read);
    } catch (error) {
      if (!(error instanceof FlurryError || signal.aborted)) throw error;
      // It goes on over another one, once there is one.
      if (problemOf(error).code === 'connection-lost') return;
    }
    // Somebody has ended journalctl.
    tries += 1;
    if (signal.aborted || tries > triesWithoutALine) return;
    await pause(500, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await start(over, { signal });
  };
  let following = start(session, stopped);
  return {
    async until(mark, limitMs) {
      if (seen.has(mark)) return;
      let timer: NodeJS.Timeout | undefined;
      const came = new Promise<void>((resolve) => {
        waits.set(mark, resolve);
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([came, following]);
      clearTimeout(timer);
    },
    follow(other) {
      stopped.abort();
      stopped = new AbortController();
      const before = following;
      following = before.then(() => start(other, stopped));
    },
    async stop() {
      stopped.abort();
      await following;
    },
  };
}

const markPrefix = 'flurry: log complete up to ';

/** Gives a mark that no program prints by chance. */
export function logMark(deploymentId: string, step: string): string {
  return `${markPrefix}${step} of ${deploymentId}`;
}

function isMark(message: string): boolean {
  return message.startsWith(markPrefix);
}

export interface JournalEntry {
  readonly message: string;
  /** The unit that printed it, without its ending; empty where the journal does not know. */
  readonly unit: string;
  /** Where the journal goes on from. */
  readonly cursor: string;
}

/** Reads one line of `journalctl -o json`; a message is a list of bytes where it is not plain text. */
export function readEntry(line: string): JournalEntry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null || !('MESSAGE' in entry)) return undefined;
  const message = textOf(entry.MESSAGE);
  if (message === undefined) return undefined;
  const unit = '_SYSTEMD_UNIT' in entry ? textOf(entry._SYSTEMD_UNIT) : undefined;
  const cursor = '__CURSOR' in entry ? textOf(entry.__CURSOR) : undefined;
  return { message, unit: unit?.replace(/\.service$/, '') ?? '', cursor: cursor ?? '' };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return Buffer.from(value.filter((byte) => typeof byte === 'number')).toString('utf8');
  return undefined;
}
