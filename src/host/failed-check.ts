import { checkKinds } from '../core/check.ts';
import { shown } from '../core/explain/text.ts';
import type { Problem } from '../core/problem.ts';
import type { Fields } from './fields.ts';

const mostOthers = 12;

/** Gives the lines "KEY VALUE" by which a host keeps why it was put back. */
export function failedCheckLines({
  code,
  check,
  kind,
  seen,
  tries,
  afterMs,
  others,
}: Problem<'check-failed'>): readonly string[] {
  return [
    ...[`code ${code}`, `check ${check}`, `kind ${kind}`, `seen ${shown(seen, 240)}`],
    ...[`tries ${tries}`, `after-ms ${Math.round(afterMs)}`],
    ...others.slice(0, mostOthers).map((other) => `other ${other}`),
  ];
}

/** Reads them. Throws bad-answer. */
export function readFailedCheck(fields: Fields): Problem<'check-failed'> {
  return {
    ...{ code: 'check-failed', check: fields.text('check'), kind: fields.word('kind', checkKinds) },
    ...{ seen: fields.optional('seen') ?? '', tries: fields.count('tries'), afterMs: fields.count('after-ms') },
    ...{ others: fields.all('other'), left: 'put-back' },
  };
}
