import type { ActivatingRequest, DeployRequest } from '../config/request.ts';
import { listed } from '../core/explain/text.ts';
import { activates } from '../core/goal.ts';
import type { Person } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { printable } from '../core/untrusted.ts';
import { verdicts } from '../core/verdict.ts';
import type { WaveQuestion } from '../deploy/pace.ts';
import type { VerbCall } from './verb-call.ts';

type Asking = Pick<ActivatingRequest, 'hosts' | 'goal' | 'rollout' | 'output'> & Partial<Pick<DeployRequest, 'act'>>;

/** Tells whether a person is to be asked something on the way. */
export function asksPerson(request: Asking): boolean {
  return questionIn(request) !== undefined;
}

/** What is asked first, where anything is. */
function questionIn({ act, hosts, goal, rollout }: Asking): keyof typeof questions | undefined {
  if (act === 'never') return undefined;
  if (act === 'when-asked') return 'ask';
  if (activates(goal) && hosts.some(({ policies }) => policies.confirm === 'ask')) return 'confirm';
  return rollout.pause.kind === 'ask' && rollout.waves.length > 1 ? 'pause' : undefined;
}

const toAskAt = 'terminal to ask at (standard input and standard error)';
const questions = {
  ask: {
    said: '',
    found: 'no terminal',
    expected: `given where there is a ${toAskAt}`,
    next: 'flurry plan only tells what would be done; --yes says yes beforehand',
  },
  confirm: {
    said: ' ask',
    found: 'ask',
    expected: `auto where there is no ${toAskAt}`,
    next: 'from another terminal flurry confirm HOST says yes, to a host that still waits',
  },
  pause: {
    said: ' ask',
    found: 'ask',
    expected: `a time where there is no ${toAskAt}`,
    next: 'a pause of 0s is none',
  },
} as const;

/** Throws bad-argument where a person is to be asked, and cannot be. */
export function refuseUnaskable(request: Asking, { settings, world }: Pick<VerbCall, 'settings' | 'world'>): void {
  const name = questionIn(request);
  if (name === undefined) return;
  const { said, found, expected, next } = questions[name];
  const argument = settings.get(name)?.source ?? `--${name}`;
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true)
    throw new FlurryError({ code: 'bad-argument', argument, expected, found, next });
  refuseTree(request.output, settings, `${argument}${said}`);
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

/** Asks whether the next wave is to begin. Nothing waits on a host meanwhile, so the question has no limit. */
export function askToGoOn(person: Person) {
  return ({ wave, of, hosts, ended }: WaveQuestion, signal: AbortSignal): Promise<boolean> => {
    const soFar = verdicts.flatMap((verdict) => {
      const number = ended.filter((one) => one.verdict === verdict).length;
      return number === 0 ? [] : [`${number} ${verdict}`];
    });
    return person.yes(`so far ${soFar.join(', ')}. Begin wave ${wave} of ${of}: ${listed(hosts, 5)}? [y/N] `, signal);
  };
}
