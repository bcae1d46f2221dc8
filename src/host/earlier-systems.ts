import type { Session } from '../core/ports.ts';
import { ask, type Question } from './ask.ts';
import type { Deployment } from './deployment.ts';
import { type Fields, readFields } from './fields.ts';
import { type HistoryBegun, readHistory, replacedBy } from './history.ts';
import { scripts } from './scripts.ts';

/** A generation of the system profile. */
export interface Generation {
  readonly number: number;
  readonly toplevel: string;
}

/** A deployment that the host's history tells of. */
export interface PastDeployment extends Omit<HistoryBegun, 'event' | 'boot' | 'oldProfile' | 'goal'> {
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
  /** Of which system a toplevel is a specialisation, and by what name. */
  readonly specialised: ReadonlyMap<string, { readonly parent: string; readonly name: string }>;
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
    generations: readGenerations(fields),
    deployments: readHistory(fields.all('begun')).flatMap((entry) => {
      if (entry.event !== 'begun' || entry.new === '') return [];
      const { event: _, boot: __, oldProfile: ___, goal: ____, ...begun } = entry;
      const verdict = verdicts.get(begun.id);
      return [{ ...begun, old: replacedBy(entry), ...(verdict === undefined ? {} : { verdict }) }];
    }),
    specialised: new Map(
      fields.all('specialisation').map((line) => {
        const [toplevel, rest] = twoWords(line);
        const [parent, name] = twoWords(rest);
        return [toplevel, { parent, name }];
      }),
    ),
    present: new Set(fields.all('present')),
  };
}

/** Reads the lines `generation NUMBER TOPLEVEL`; by number, the oldest first. */
export function readGenerations(fields: Fields): readonly Generation[] {
  return fields
    .all('generation')
    .map(twoWords)
    .flatMap(([number, toplevel]) => (/^\d{1,9}$/.test(number) ? [{ number: Number(number), toplevel }] : []))
    .sort((one, other) => one.number - other.number);
}

function twoWords(line: string): readonly [string, string] {
  const [, first = line, rest = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  return [first, rest];
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
  const question = {
    name: 'the root of the system that is to run',
    script: scripts.keepSystem,
    arguments: [id, toplevel],
  };
  await ask(session, { ...question, shell, timeoutMs: limits.answerTimeoutMs }, signal);
}
