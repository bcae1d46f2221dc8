import type { ActivatingRequest, DeployRequest } from '../config/request.ts';
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
  { output, act }: Pick<DeployRequest, 'output'> & Partial<Pick<DeployRequest, 'act'>>,
  { settings, world }: Pick<VerbCall, 'settings' | 'world'>,
): void {
  if (act === 'when-asked') {
    refuseUnaskablePlan(output, { settings, world });
    return;
  }
  const argument = settings.get('confirm')?.source ?? '--confirm';
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true) {
    const expected = 'auto where there is no terminal to ask at (standard input and standard error)';
    const next = 'from another terminal flurry confirm HOST says yes, to a host that still waits';
    throw new FlurryError({ code: 'bad-argument', argument, expected, found: 'ask', next });
  }
  refuseTree(output, settings, `${argument} ask`);
}

function refuseUnaskablePlan(
  output: DeployRequest['output'],
  { settings, world }: Pick<VerbCall, 'settings' | 'world'>,
): void {
  const argument = settings.get('ask')?.source ?? '--ask';
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true) {
    const expected = 'given where there is a terminal to ask at (standard input and standard error)';
    const next = 'flurry plan only tells what would be done; --yes says yes beforehand';
    throw new FlurryError({ code: 'bad-argument', argument, expected, found: 'no terminal', next });
  }
  refuseTree(output, settings, argument);
}

/** A live screen would draw over the question. */
function refuseTree(output: DeployRequest['output'], settings: VerbCall['settings'], asking: string): void {
  if (output !== 'tree') return;
  const source = settings.get('output')?.source ?? '--output';
  const expected = `lines or json together with ${asking}`;
  throw new FlurryError({ code: 'bad-argument', argument: source, expected, found: 'tree' });
}

/** Shows what would be done, and asks once for all hosts whether it is to be done. */
export function askToGo({ person, showPlan }: { readonly person: Person; readonly showPlan: () => void }) {
  return (hosts: readonly string[], signal: AbortSignal): Promise<boolean> => {
    showPlan();
    const [only = '', ...others] = hosts;
    const what = others.length === 0 ? printable(only) : `these ${hosts.length} hosts`;
    return person.yes(`Do that to ${what}? [y/N] `, signal);
  };
}

/** Asks whether a host is to keep its new system. */
export function askToKeep(person: Person) {
  return (host: string, signal: AbortSignal): Promise<boolean> =>
    person.yes(`${printable(host)} was tested and waits: keep the new system? [y/N] `, signal);
}
