import type { Session } from '../core/ports.ts';
import { ask, type Question } from './ask.ts';
import type { Deployment } from './deployment.ts';
import { readFields } from './fields.ts';
import { scripts } from './scripts.ts';

/** A generation of the system profile. */
export interface Generation {
  readonly number: number;
  readonly toplevel: string;
}

/** What the history keeps of a release, as far as it was written. */
export interface PastRelease {
  readonly configuration?: string;
  readonly narHash?: string;
  /** Seconds since 1970. */
  readonly lastModified?: number;
  /** In lower case. */
  readonly rev?: string;
}

/** A deployment that the host's history tells of. */
export interface PastDeployment {
  readonly id: string;
  /** When its change began: ISO 8601 by the host's clock. */
  readonly at: string;
  /** `user@machine` that it came from. */
  readonly by: string;
  /** The toplevel that ran before. */
  readonly old: string;
  readonly new: string;
  readonly release: PastRelease;
  /** Absent where its end was not written down. */
  readonly verdict?: string;
}

/** What a host could go back to. Everything was read from the host and is untrusted text. */
export interface EarlierSystems {
  /** By number, the oldest first. */
  readonly generations: readonly Generation[];
  /** The oldest first. */
  readonly deployments: readonly PastDeployment[];
  /** Toplevels of both that are in the store and systems of NixOS. */
  readonly present: ReadonlySet<string>;
}

/** Asks what the host could go back to. Throws as `ask`. */
export async function earlierSystems(
  session: Session,
  asking: Pick<Question, 'shell' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<EarlierSystems> {
  const question = { ...asking, name, script: scripts.earlierSystems, arguments: [] };
  return readEarlierSystems(await ask(session, question, signal));
}

const name = 'the earlier systems';

/** Reads what earlier-systems.sh printed; a line of the history that is torn or none of ours is skipped. */
export function readEarlierSystems(answer: string): EarlierSystems {
  const fields = readFields(name, answer);
  const verdicts = new Map(fields.all('ended').map((line) => twoWords(line)));
  return {
    generations: fields
      .all('generation')
      .map(twoWords)
      .flatMap(([number, toplevel]) => (/^\d{1,9}$/.test(number) ? [{ number: Number(number), toplevel }] : []))
      .sort((one, other) => one.number - other.number),
    deployments: fields.all('begun').flatMap((line) => {
      const begun = readBegun(line);
      if (begun === undefined) return [];
      const verdict = verdicts.get(begun.id);
      return [{ ...begun, ...(verdict === undefined ? {} : { verdict }) }];
    }),
    present: new Set(fields.all('present')),
  };
}

function twoWords(line: string): readonly [string, string] {
  const [, first = line, rest = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  return [first, rest];
}

function readBegun(line: string): Omit<PastDeployment, 'verdict'> | undefined {
  const entry = objectIn(line);
  const text = (key: string): string => textOf(entry?.[key]) ?? '';
  const [id, toplevel] = [text('id'), text('new')];
  if (entry === undefined || id === '' || toplevel === '') return undefined;
  return {
    id,
    at: text('at'),
    by: text('by'),
    // What runs already, since a test or a trial boot, is made the default: it replaces what booted before.
    old: text('old') === toplevel ? text('oldProfile') || toplevel : text('old'),
    new: toplevel,
    release: readRelease(entry['release']),
  };
}

function readRelease(value: unknown): PastRelease {
  const release = recordOf(value);
  const [configuration, narHash, rev] = ['configuration', 'narHash', 'rev'].map((key) => textOf(release?.[key]));
  const lastModified = release?.['lastModified'];
  return {
    ...(configuration === undefined ? {} : { configuration }),
    ...(narHash === undefined ? {} : { narHash }),
    ...(typeof lastModified === 'number' ? { lastModified } : {}),
    ...(rev !== undefined && /^[0-9a-f]{40,64}$/.test(rev) ? { rev } : {}),
  };
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Keeps a system from being collected as garbage until the deployment's folder is cleared. Throws as `ask`:
 * host-script-failed where it is not in the store any more.
 */
export async function keepSystem(
  session: Session,
  { id, shell, limits }: Deployment,
  toplevel: string,
  signal: AbortSignal,
): Promise<void> {
  const question = { name: 'the root of the earlier system', script: scripts.keepSystem, arguments: [id, toplevel] };
  await ask(session, { ...question, shell, timeoutMs: limits.answerTimeoutMs }, signal);
}
