import type { ActivatingRequest } from '../config/request.ts';
import { activates } from '../core/goal.ts';
import type { Person } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { printable } from '../core/untrusted.ts';
import type { VerbCall } from './verb-call.ts';

/** Tells whether a person is to confirm on the way to this goal. */
export function asksPerson({ hosts, goal }: Pick<ActivatingRequest, 'hosts' | 'goal'>): boolean {
  return activates(goal) && hosts.some(({ policies }) => policies.confirm === 'ask');
}

/** Throws bad-argument where a person cannot be asked. */
export function refuseUnaskable(
  { output }: Pick<ActivatingRequest, 'output'>,
  { settings, world }: Pick<VerbCall, 'settings' | 'world'>,
): void {
  const argument = settings.get('confirm')?.source ?? '--confirm';
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true) {
    const expected = 'auto where there is no terminal to ask at (standard input and standard error)';
    const next = 'from another terminal flurry confirm HOST says yes, to a host that still waits';
    throw new FlurryError({ code: 'bad-argument', argument, expected, found: 'ask', next });
  }
  if (output === 'tree') {
    const source = settings.get('output')?.source ?? '--output';
    const expected = `lines or json together with ${argument} ask`;
    throw new FlurryError({ code: 'bad-argument', argument: source, expected, found: 'tree' });
  }
}

/** Asks whether a host is to keep its new system. */
export function askToKeep(person: Person) {
  return (host: string, signal: AbortSignal): Promise<boolean> =>
    person.yes(`${printable(host)} was tested and waits: keep the new system? [y/N] `, signal);
}
