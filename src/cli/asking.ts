import type { ActivatingRequest } from '../config/request.ts';
import { activates } from '../core/goal.ts';
import { FlurryError } from '../core/problem.ts';
import type { VerbCall } from './verb-call.ts';

/** Tells whether a person is to confirm on the way to this goal. */
export function asksPerson({ policies, goal }: Pick<ActivatingRequest, 'policies' | 'goal'>): boolean {
  return policies.confirm === 'ask' && activates(goal);
}

/** Throws bad-argument where a person cannot be asked. */
export function refuseUnaskable(
  { output }: Pick<ActivatingRequest, 'output'>,
  { settings, world }: Pick<VerbCall, 'settings' | 'world'>,
): void {
  const argument = settings.get('confirm')?.source ?? '--confirm';
  if (world.stdin.isTTY !== true) {
    const expected = 'auto where standard input is no terminal';
    const next = 'from another terminal flurry confirm HOST says yes, to a host that still waits';
    throw new FlurryError({ code: 'bad-argument', argument, expected, found: 'ask', next });
  }
  if (output === 'tree') {
    const source = settings.get('output')?.source ?? '--output';
    const expected = `lines or json together with ${argument} ask`;
    throw new FlurryError({ code: 'bad-argument', argument: source, expected, found: 'tree' });
  }
}
