import type { RollbackAim } from '../core/plan.ts';
import type { Problem } from '../core/problem.ts';
import type { GivenSettings } from './given.ts';
import type { RollbackSettings } from './settings.ts';

/** What is wrong with where a rollback is to go, each law by its own rule. */
export function aimProblems(
  { to, toRev }: RollbackSettings,
  given: GivenSettings,
  hosts: number,
): readonly Problem<'bad-argument'>[] {
  if (to !== undefined && toRev !== undefined) return [eitherOne(given)];
  return hosts > 1 && toRev === undefined ? [severalHostsNeedARevision(given)] : [];
}

/** Gives the aim that the settings name. */
export function aimOf({ to, toRev }: RollbackSettings): RollbackAim {
  if (to !== undefined) return { kind: 'generation', number: to };
  return toRev === undefined ? { kind: 'replaced' } : { kind: 'revision', rev: toRev };
}

function eitherOne(given: GivenSettings): Problem<'bad-argument'> {
  const [to, toRev] = [given.get('to'), given.get('toRev')];
  return {
    code: 'bad-argument',
    argument: toRev?.source ?? '--to-rev',
    expected: `given without ${to?.source ?? '--to'}: a generation or a revision, not both`,
    found: String(toRev?.value ?? ''),
  };
}

/** Numbers of generations, and what was replaced, are each host's own: they may stand for a different system on each. */
function severalHostsNeedARevision(given: GivenSettings): Problem<'bad-argument'> {
  const next = 'several hosts go back together only to a revision: add --to-rev REV, or roll them back one by one';
  const to = given.get('to');
  if (to === undefined) {
    const expected = 'followed by one host, or by several and --to-rev: what each of them replaced may differ';
    return { code: 'bad-argument', argument: 'flurry rollback', expected, found: 'several hosts', next };
  }
  const expected = 'given for one host: the same number is another system on each host';
  return { code: 'bad-argument', argument: to.source, expected, found: 'several hosts', next };
}
