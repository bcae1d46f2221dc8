import { isWell, type Verdict } from '../core/verdict.ts';

/** How far a host has come on the way that all go together. */
export type Step = 'gated' | 'waiting' | 'renewed';

/** Why the hosts of a run do not change: the first that did not make it, the end of the run, or a person's no. */
export type GroupFailure =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'refused' };

/** Which hosts keep their new system, and which do not, where all were to be confirmed. */
export interface Split {
  readonly kept: readonly string[];
  readonly lost: readonly string[];
}

/**
 * Hosts that change together or not at all. Each tells how far it has come; the first failure counts for all, until all
 * are to be confirmed: from then on (`committed`) nobody can take it back, and only what each host says is true.
 */
export interface Together {
  /** Tells that the host has come so far, and waits until all have, or until one has failed. */
  arrive(host: string, step: Step): Promise<'all' | 'failed'>;
  /** The host takes no part: it has nothing to change, or is left out. */
  withdraw(host: string): void;
  fail(failure: GroupFailure): void;
  readonly failure: GroupFailure | undefined;
  /** Aborted with the failure. */
  readonly failed: AbortSignal;
  /** All have renewed, and are to be confirmed. */
  readonly committed: boolean;
  /** Puts one question for all, with their names; whoever comes later gets the same answer. A no is a failure. */
  ask(question: (hosts: string) => Promise<boolean>): Promise<boolean>;
  /**
   * Takes how a host has ended. To one that kept its new system, and to all where all were to be confirmed, it tells where
   * they do not stand together, once all have ended.
   */
  ended(host: string, verdict: Verdict): Promise<Split | undefined>;
}

/** Gives the group of these hosts; `interrupted` is the wish that the run ends. */
export function togetherOf(hosts: readonly string[], interrupted: AbortSignal): Together {
  const members = new Set(hosts);
  const failed = new AbortController();
  const arrived: Readonly<Record<Step, Set<string>>> = { gated: new Set(), waiting: new Set(), renewed: new Set() };
  const verdicts = new Map<string, Verdict>();
  const gates = { gated: gateOf(), waiting: gateOf(), renewed: gateOf(), ended: gateOf() };
  let failure: GroupFailure | undefined;
  let committed = false;
  let answer: Promise<boolean> | undefined;

  const isComplete = (step: Step): boolean => [...members].every((host) => arrived[step].has(host));
  const openWhatIsComplete = (): void => {
    for (const step of ['gated', 'waiting', 'renewed'] as const) {
      if (failure !== undefined || members.size === 0 || !isComplete(step)) continue;
      if (step === 'renewed') committed = true;
      gates[step].open();
    }
    if ([...members].every((host) => verdicts.has(host))) gates.ended.open();
  };
  const fail = (why: GroupFailure): void => {
    if (committed || failure !== undefined) return;
    failure = why;
    failed.abort(why);
    for (const step of ['gated', 'waiting', 'renewed'] as const) gates[step].open();
  };
  const interrupt = (): void => fail({ kind: 'interrupted' });
  if (interrupted.aborted) interrupt();
  else interrupted.addEventListener('abort', interrupt, { once: true });

  return {
    async arrive(host, step) {
      arrived[step].add(host);
      openWhatIsComplete();
      await gates[step].passed;
      return failure === undefined ? 'all' : 'failed';
    },
    withdraw(host) {
      members.delete(host);
      openWhatIsComplete();
    },
    fail,
    get failure() {
      return failure;
    },
    failed: failed.signal,
    get committed() {
      return committed;
    },
    async ask(question) {
      answer ??= question(`${members.size > 1 ? 'each of ' : ''}${[...members].join(', ')}`).then((yes) => {
        if (!yes) fail({ kind: 'refused' });
        return yes;
      });
      return await answer;
    },
    async ended(host, verdict) {
      verdicts.set(host, verdict);
      openWhatIsComplete();
      // What was not to be confirmed has gone back, unless somebody else has confirmed it alone.
      if (!members.has(host) || (!committed && !isWell(verdict))) return undefined;
      await gates.ended.passed;
      return splitOf(verdicts, members);
    },
  };
}

/** What is waited for, once; opened again and again it stays open. */
function gateOf(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

function splitOf(verdicts: ReadonlyMap<string, Verdict>, members: ReadonlySet<string>): Split | undefined {
  const keeps = (host: string): boolean => isWell(verdicts.get(host) ?? 'in-doubt');
  const kept = [...members].filter(keeps);
  const lost = [...members].filter((host) => !keeps(host));
  return kept.length === 0 || lost.length === 0 ? undefined : { kept, lost };
}
