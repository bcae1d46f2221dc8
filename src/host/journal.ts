import type { Session, Shell } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { converse } from './ask.ts';
import { scripts } from './scripts.ts';

/** What the units of one deployment print, as it comes; best effort: verdicts are read from files, never from here. */
export interface JournalFollower {
  /** Waits until the line with this mark came, at most `limitMs`, so that all lines before it have been seen. */
  until(mark: string, limitMs: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Follows the journal lines of a deployment's units over a channel of its own. A follower that fails ends silently: the
 * units do not depend on it.
 */
export function followJournal(
  session: Session,
  options: { readonly deploymentId: string; readonly shell: Shell },
  onLine: (line: string, unit: string) => void,
): JournalFollower {
  const stopped = new AbortController();
  const marks = new Map<string, () => void>();
  const seen = new Set<string>();
  const question = {
    name: 'the journal',
    script: scripts.follow,
    arguments: [options.deploymentId, ''],
    shell: options.shell,
    timeoutMs: 2 ** 31 - 1,
    length: 'endless' as const,
  };
  const following = converse(session, question, stopped.signal, (line) => {
    const entry = readEntry(line);
    if (entry === undefined) return;
    if (isMark(entry.message)) {
      seen.add(entry.message);
      marks.get(entry.message)?.();
    } else {
      for (const part of entry.message.split('\n')) onLine(part, entry.unit);
    }
  })
    .then(() => {})
    .catch((error: unknown) => {
      if (!(error instanceof FlurryError || stopped.signal.aborted)) throw error;
    })
    .finally(() => {
      for (const found of marks.values()) found();
    });
  return {
    async until(mark, limitMs) {
      if (seen.has(mark)) return;
      let timer: NodeJS.Timeout | undefined;
      const came = new Promise<void>((resolve) => {
        marks.set(mark, resolve);
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([came, following]);
      clearTimeout(timer);
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
  return { message, unit: unit?.replace(/\.service$/, '') ?? '' };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return Buffer.from(value.filter((byte) => typeof byte === 'number')).toString('utf8');
  return undefined;
}
