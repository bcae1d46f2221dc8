import type { Problem } from '../core/problem.ts';
import { readFailedCheck } from '../host/failed-check.ts';
import { lockedBy, type TransactionEnd } from '../host/transaction.ts';

const codes = [
  'not-running',
  'degraded',
  'no-nixos-version',
  'run-full',
  'self-check-missing',
  'self-check-failed',
  'self-check-timeout',
  'pre-switch-check-failed',
  'preview-failed',
  'arming-failed',
  'history-unwritable',
  'activation-failed',
  'activation-timeout',
  'units-failed',
  'reboot-needed',
  'switch-locked',
  'locked',
  'others-failed',
  'not-released',
  'not-confirmed',
  'check-failed',
  'promotion-failed',
  'changed-by-someone-else',
  'transaction-died',
  'ended-by-shutdown',
  'ended-by-reboot',
] as const;

/** Gives the problem behind the end of a transaction, from the lines that the host wrote down. Throws bad-answer. */
export function problemOfEnd(
  end: TransactionEnd,
  context: { readonly toplevel: string; readonly tail: string },
): Problem {
  const { fields } = end;
  const { tail } = context;
  const code = fields.word('code', codes);
  const afterwards = fields.optional('then');
  if (afterwards !== undefined) {
    return {
      code: 'rollback-failed',
      because: code,
      lost: fields.all('lost-unit'),
      afterwards: fields.word('then', ['hold', 'reboot']),
    };
  }
  const afterMs = Number(fields.optional('after') ?? 0) * 1000;
  switch (code) {
    case 'not-running':
      return { code, state: fields.text('system-state') };
    case 'degraded':
      return { code, failedUnits: fields.all('unit') };
    case 'no-nixos-version':
      return { code, toplevel: context.toplevel };
    case 'run-full':
      return { code, freeBytes: Number(fields.optional('free-kib') ?? 0) * 1024 };
    case 'self-check-missing':
      return { code, path: fields.text('path') };
    case 'self-check-failed':
      return { code, path: fields.text('path'), exitCode: fields.count('exit'), tail };
    case 'self-check-timeout':
      return { code, path: fields.text('path'), afterMs };
    case 'pre-switch-check-failed':
    case 'preview-failed':
    case 'activation-failed':
      return { code, exitCode: Number(fields.optional('exit') ?? 1), tail };
    case 'activation-timeout':
      return { code, afterMs };
    case 'units-failed':
      return { code, units: fields.all('unit') };
    case 'reboot-needed':
    case 'history-unwritable':
    case 'ended-by-reboot':
      return { code };
    case 'switch-locked':
      return { code, afterMs };
    case 'locked':
      return lockedBy(fields.optional('id') ?? 'unknown', fields);
    case 'others-failed':
      return { code, host: null, left: 'untouched' };
    case 'not-released':
    case 'not-confirmed':
      return { code, decidedBy: fields.text('by') };
    case 'check-failed':
      return readFailedCheck(fields);
    case 'promotion-failed':
    case 'arming-failed':
      return { code, step: fields.text('step'), tail };
    case 'transaction-died':
      return { code, state: fields.optional('state') ?? 'unknown' };
    case 'ended-by-shutdown':
      return { code, boots: fields.text('boots') };
    case 'changed-by-someone-else':
      return { code, expected: fields.text('expected'), found: fields.optional('found') ?? 'nothing' };
  }
}
