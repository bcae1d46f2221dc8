import type { Limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import type { TransactionEnd } from '../host/transaction.ts';

const codes = [
  'no-nixos-version',
  'self-check-missing',
  'self-check-failed',
  'self-check-timeout',
  'pre-switch-check-failed',
  'preview-failed',
  'activation-failed',
  'activation-timeout',
  'units-failed',
  'reboot-needed',
  'switch-locked',
  'not-confirmed',
  'promotion-failed',
  'changed-by-someone-else',
] as const;

/** Gives the problem behind the end of a transaction, in our words, from what the host wrote down. Throws bad-answer. */
export function problemOfEnd(
  end: TransactionEnd,
  context: { readonly limits: Limits; readonly toplevel: string; readonly tail: string },
): Problem {
  const { fields } = end;
  const { limits, tail } = context;
  const code = fields.word('code', codes);
  switch (code) {
    case 'no-nixos-version':
      return { code, toplevel: context.toplevel };
    case 'self-check-missing':
      return { code, path: fields.text('path') };
    case 'self-check-failed':
      return { code, path: fields.text('path'), exitCode: fields.count('exit'), tail };
    case 'self-check-timeout':
      return { code, path: fields.text('path'), afterMs: limits.selfCheckTimeoutMs };
    case 'pre-switch-check-failed':
    case 'preview-failed':
    case 'activation-failed':
      return { code, exitCode: fields.count('exit'), tail };
    case 'activation-timeout':
      return { code, afterMs: limits.activationTimeoutMs };
    case 'units-failed':
      return { code, units: fields.all('unit') };
    case 'reboot-needed':
      return { code };
    case 'switch-locked':
      return { code, afterMs: 60_000 };
    case 'not-confirmed':
      return { code, decidedBy: fields.text('by') };
    case 'promotion-failed':
      return { code, step: fields.text('step'), tail };
    case 'changed-by-someone-else':
      return { code, expected: fields.text('expected'), found: fields.text('found') };
  }
}
