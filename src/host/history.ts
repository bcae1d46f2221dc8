import { type Goal, goals } from '../core/goal.ts';
import { type Verdict, verdicts } from '../core/verdict.ts';

/** A line of a host's history: a deployment that began to change the host, or its end. Untrusted, but of known shape. */
export type HistoryEntry = HistoryBegun | HistoryEnded;

export interface HistoryBegun {
  readonly event: 'begun';
  readonly id: string;
  readonly at: string;
  /** Boot id. */
  readonly boot: string;
  readonly by: string;
  /** Null where it is none that we know. */
  readonly goal: Goal | null;
  /** Toplevels: what ran before, and what was to run. */
  readonly old: string;
  readonly new: string;
  /** What was to run of that: itself, or a specialisation. */
  readonly runs: string;
  /** A hash of what the evaluation of `new` was given; absent where it was not evaluated, or not from that alone. */
  readonly evaluation?: string;
  /** What the profile pointed to before. */
  readonly oldProfile: string;
  readonly release: {
    readonly configuration: string;
    readonly narHash: string;
    /** Seconds since 1970. */
    readonly lastModified: number;
    /** 40 to 64 hexadecimal digits in lower case. */
    readonly rev?: string;
  };
}

export interface HistoryEnded {
  readonly event: 'ended';
  readonly id: string;
  readonly at: string;
  readonly verdict: Verdict;
  /** Lines "KEY VALUE" that say why. */
  readonly facts: readonly string[];
  /** 0 where its end was found out later. */
  readonly seconds: number;
}

/** Gives the toplevel that a deployment replaced: what ran already, since a test or a trial boot, replaces what booted before. */
export function replacedBy({ old, runs, oldProfile }: HistoryBegun): string {
  return old === runs ? oldProfile || old : old;
}

/** Reads lines of a history; a torn line, and one of another kind, is skipped. */
export function readHistory(lines: readonly string[]): readonly HistoryEntry[] {
  return lines.flatMap((line) => readEntry(line) ?? []);
}

function readEntry(line: string): HistoryEntry | undefined {
  const value = parsed(line);
  const text = (name: string): string => textOf(value[name]);
  const [id, at] = [text('id'), text('at')];
  if (id === '') return undefined;
  switch (value['event']) {
    case 'begun':
      return {
        ...{ event: 'begun', id, at, boot: text('boot'), by: text('by'), old: text('old'), new: text('new') },
        ...{ runs: text('runs') || text('new'), oldProfile: text('oldProfile'), release: releaseIn(value['release']) },
        ...evaluationIn(value['release']),
        goal: goals.find((each) => each === value['goal']) ?? null,
      };
    case 'ended': {
      const verdict = verdicts.find((each) => each === value['verdict']);
      const facts = Array.isArray(value['facts']) ? value['facts'].map(textOf) : [];
      const seconds = typeof value['seconds'] === 'number' ? value['seconds'] : 0;
      return verdict === undefined ? undefined : { event: 'ended', id, at, verdict, facts, seconds };
    }
    default:
      return undefined;
  }
}

function evaluationIn(value: unknown): Pick<HistoryBegun, 'evaluation'> {
  const { evaluation } = objectOf(value);
  return typeof evaluation === 'string' && /^[0-9a-f]{64}$/.test(evaluation) ? { evaluation } : {};
}

function releaseIn(value: unknown): HistoryBegun['release'] {
  const release = objectOf(value);
  const { rev, lastModified } = release;
  return {
    configuration: textOf(release['configuration']),
    narHash: textOf(release['narHash']),
    lastModified: typeof lastModified === 'number' ? lastModified : 0,
    ...(typeof rev === 'string' && /^[0-9a-f]{40,64}$/.test(rev) ? { rev } : {}),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
