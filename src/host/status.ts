import type { BootDefault } from '../core/facts.ts';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { CutOff, HostStatus, LastVerdict, StatusRelease, UnderWay } from '../core/status.ts';
import { ask } from './ask.ts';
import { type Fields, readFields } from './fields.ts';
import { type HistoryEntry, readHistory } from './history.ts';
import { lookAsRoot } from './look.ts';
import { readBootDefault, readRebootFor } from './observe.ts';
import { scripts } from './scripts.ts';
import type { Addressee } from './transaction.ts';

/** What one look at how a host stands brings. */
export interface StatusAnswer extends Addressee {
  readonly status: HostStatus;
  /** The last lines of its history, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** Of the deployment that was asked for: all that the history has, and what its folder is about, where that is there. */
  readonly named: { readonly history: readonly HistoryEntry[]; readonly folder?: 'transaction' | 'build' };
  /** What it runs and boots, for outcomes. */
  readonly systems: { readonly running: string; readonly bootDefault: BootDefault };
  /** Who logs in. */
  readonly user: string;
  /** Why it was not seen as root; absent where it was. */
  readonly noPrivilege?: Problem<'no-privilege'>;
  /** As which the host was asked, and can be asked on. */
  readonly shell: Shell;
}

const name = 'how the host stands';

/**
 * Asks how a host stands, as root where it can be, and changes nothing. `deployment`: one that is asked for by name.
 * Throws not-nixos, and as `ask`.
 */
export async function askStatus(
  session: Session,
  asking: { readonly timeoutMs: number; readonly deployment?: string },
  signal: AbortSignal,
): Promise<StatusAnswer> {
  const { timeoutMs, deployment = '' } = asking;
  const words = [deployment, session.elevation];
  const { answer, shell, user, noPrivilege } = await lookAsRoot(session, name, (shell) =>
    ask(session, { name, script: scripts.status, arguments: words, shell, timeoutMs }, signal),
  );
  return { ...readStatus(answer, shell), user, ...(noPrivilege === undefined ? {} : { noPrivilege }) };
}

/** Reads what status.sh printed. Throws not-nixos and bad-answer. */
export function readStatus(answer: string, shell: Shell): StatusAnswer {
  const fields = readFields(name, answer);
  if (fields.text('nixos') !== 'yes') {
    throw new FlurryError({ code: 'not-nixos', found: fields.text('nixos') || 'no /etc/NIXOS and no /etc/os-release' });
  }
  const history = readHistory(fields.all('history'));
  const known = (key: string): string | null => fields.optional(key) ?? null;
  const bootId = fields.text('boot-id');
  const bootDefault = readBootDefault(fields);
  const underWay = fields.all('under-way').flatMap((line) => readUnderWay(line) ?? []);
  return {
    status: {
      running: known('running'),
      booted: known('booted'),
      bootDefault: bootDefault.toplevel || null,
      bootsOnce: fields.text('boots-once') === '-' ? null : known('boots-once'),
      profile: known('profile'),
      rebootFor: readRebootFor(fields),
      systemState: fields.text('system-state'),
      failedUnits: fields.all('failed-unit'),
      generation: fields.optional('generation') === undefined ? null : fields.count('generation'),
      release: releaseOf(fields),
      underWay,
      lastVerdict: lastVerdictIn(history),
      cutOff: cutOffIn(history, bootId),
      seenAs: fields.word('seen-as', ['root', 'user']),
      now: fields.text('now'),
    },
    history,
    named: {
      history: readHistory(fields.all('named')),
      ...(fields.optional('named-folder') === undefined
        ? {}
        : { folder: fields.word('named-folder', ['transaction', 'build']) }),
    },
    systems: { running: fields.text('running'), bootDefault },
    user: fields.text('user'),
    shell,
    bootId,
    machineId: fields.text('machine-id'),
  };
}

function readUnderWay(line: string): UnderWay | undefined {
  const [, kind, deployment, state, work, left, since, by] =
    /^(transaction|build) (\S+) (\S+) (yes|no) (-|-?\d+) (\S+) (\S+)$/.exec(line) ?? [];
  if (kind === undefined || deployment === undefined) return undefined;
  return {
    kind: kind === 'build' ? 'build' : 'transaction',
    deployment,
    state: wordOf(state),
    by: wordOf(by),
    since: wordOf(since),
    secondsLeft: left === undefined || left === '-' ? null : Number(left),
    atWork: work === 'yes',
  };
}

function wordOf(word: string | undefined): string {
  return word === undefined || word === '-' ? 'unknown' : word;
}

function releaseOf(fields: Fields): StatusRelease | null {
  const [begun] = readHistory(fields.all('brought'));
  if (begun?.event !== 'begun') return null;
  const { configuration, narHash, lastModified, rev = null } = begun.release;
  // A rollback to a system that no deployment of ours had brought is recorded without one.
  if (rev === null && narHash === '') return null;
  return { deployment: begun.id, configuration, rev, narHash, lastModified };
}

function lastVerdictIn(history: readonly HistoryEntry[]): LastVerdict | null {
  const ended = history.findLast((entry) => entry.event === 'ended');
  if (ended?.event !== 'ended') return null;
  const begun = history.find((entry) => entry.event === 'begun' && entry.id === ended.id);
  const code = ended.facts.find((fact) => fact.startsWith('code '))?.slice('code '.length);
  return {
    deployment: ended.id,
    verdict: ended.verdict,
    at: ended.at,
    by: begun?.event === 'begun' ? begun.by : null,
    code: code ?? null,
  };
}

function cutOffIn(history: readonly HistoryEntry[], bootId: string): readonly CutOff[] {
  const ended = new Set(history.flatMap((entry) => (entry.event === 'ended' ? [entry.id] : [])));
  return history.flatMap((entry) =>
    entry.event === 'begun' && entry.boot !== bootId && !ended.has(entry.id)
      ? [{ deployment: entry.id, at: entry.at, by: entry.by }]
      : [],
  );
}
