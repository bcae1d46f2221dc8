import type { ClosureChange, UnitChanges } from '../core/forecast.ts';
import type { Goal } from '../core/goal.ts';
import type { Gates } from '../core/plan.ts';
import type { Session } from '../core/ports.ts';
import { ask } from './ask.ts';
import { closureChange, type OnlyOne } from './closure-change.ts';
import type { Deployment } from './deployment.ts';
import { readDryActivation } from './dry-activation.ts';
import { type Fields, readFields } from './fields.ts';
import { scripts } from './scripts.ts';
import { lockLimitMs, type TransactionEnd } from './transaction.ts';

/** What a transaction would be begun with. */
export interface ForeseeRequest {
  readonly toplevel: string;
  /** The specialisation of it that is to run, instead of itself. */
  readonly runs?: string;
  /** The toplevel that ran when the host was observed. */
  readonly running: string;
  /** `build`: the gate is not asked. */
  readonly goal: Goal;
  readonly inhibited: 'yes' | 'no';
  readonly gates: Gates;
  readonly selfCheck?: string;
}

/** What a host says would become of it. */
export type Foreseen =
  /** The transaction would end at its gate. `tail`: what its program printed last. */
  | { readonly kind: 'ends'; readonly end: TransactionEnd; readonly tail: string }
  | {
      readonly kind: 'goes-on';
      /** Null where none is touched, or the dry activation failed. */
      readonly units: UnitChanges | null;
      readonly closure: ClosureChange | null;
      /** The path of a self-check that would be run, below the new toplevel. */
      readonly selfCheck?: string;
    };

const name = 'what would be done';
const tailLines = 20;

/**
 * Asks a host what would become of it if its transaction began now: what the gate would say, what would be done to
 * units, and how the closures differ. Changes nothing; nothing goes on there afterwards. Throws as `ask`.
 */
export async function foresee(
  session: Session,
  { id, shell, limits }: Deployment,
  request: ForeseeRequest,
  signal: AbortSignal,
): Promise<Foreseen> {
  const { selfCheckTimeoutMs, activationTimeoutMs, answerTimeoutMs } = limits;
  const seconds = (ms: number): string => String(Math.ceil(ms / 1000));
  const question = {
    name,
    script: scripts.foresee,
    arguments: [
      ...[id, request.toplevel, request.running, request.goal, request.inhibited, request.gates.degraded],
      request.selfCheck ?? '',
      ...[selfCheckTimeoutMs, activationTimeoutMs, lockLimitMs].map(seconds),
      request.runs ?? request.toplevel,
    ],
    shell,
    timeoutMs: selfCheckTimeoutMs + activationTimeoutMs + 2 * lockLimitMs + answerTimeoutMs,
  };
  return readForeseen(readFields(name, await ask(session, question, signal)));
}

/** Reads what foresee.sh printed. Throws bad-answer. */
export function readForeseen(fields: Fields): Foreseen {
  const said = fields.all('said');
  if (fields.optional('verdict') !== undefined) {
    const verdict = fields.word('verdict', ['refused', 'failed'] as const);
    return { kind: 'ends', end: { verdict, fields }, tail: said.slice(-tailLines).join('\n') };
  }
  const previewed = fields.optional('previewed') === 'yes';
  const selfCheck = fields.optional('self-check');
  const isCompared = fields.optional('come-paths') !== undefined && fields.optional('gone-paths') !== undefined;
  return {
    kind: 'goes-on',
    units: previewed ? readDryActivation(said, fields.all('new-unit')) : null,
    closure: isCompared ? closureChange(onlyOne(fields, 'gone'), onlyOne(fields, 'come')) : null,
    ...(selfCheck !== undefined && { selfCheck }),
  };
}

function onlyOne(fields: Fields, key: 'gone' | 'come'): OnlyOne {
  return {
    number: fields.count(`${key}-paths`),
    bytes: fields.count(`${key}-bytes`),
    paths: fields.all(key).flatMap((line) => {
      const [, bytes, name] = /^(\d{1,15}) (\S+)$/.exec(line) ?? [];
      return bytes === undefined || name === undefined ? [] : [{ name, bytes: Number(bytes) }];
    }),
  };
}
