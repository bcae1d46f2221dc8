import type { Problem } from './problem.ts';

/** So many hosts, or so many of a hundred. */
export interface Amount {
  readonly number: number;
  readonly unit: 'hosts' | 'percent';
}

/** A host that starts only when others of the run have ended well. */
export interface Dependency {
  readonly host: string;
  readonly on: readonly string[];
  /** What it depends on as well, and what is not deployed to in this run: it is not waited for. */
  readonly elsewhere: readonly string[];
}

/** What there is between two waves. */
export type Pause =
  | { readonly kind: 'none' }
  | { readonly kind: 'time'; readonly milliseconds: number }
  | { readonly kind: 'ask' };

/** In which order the hosts of a run start, and what keeps those back that have not started. */
export interface Rollout {
  /** `waves`: they were asked for, and are told. Else there is one, of all hosts. */
  readonly kind: 'all-at-once' | 'waves';
  /** A wave begins when all hosts of those before it have ended. No host is in an earlier one than what it depends on. */
  readonly waves: readonly (readonly string[])[];
  /** Of the hosts that depend on any. */
  readonly dependencies: readonly Dependency[];
  readonly unreachable: 'fail' | 'skip' | 'stop';
  /** How many of the hosts that were started may fail, and a further wave begins all the same. */
  readonly maxFailures: Amount;
  readonly pause: Pause;
}

/**
 * Where a host stands: `dialling` and `waiting` ones were not started, and are not going to be once they are `skipped`.
 * `unreachable` is one that could not be connected to.
 */
export type Standing = 'dialling' | 'waiting' | 'started' | 'well' | 'failed' | 'unreachable' | 'skipped';

export interface Next {
  /** The wave whose turn it is, from 1 on; 0: not yet the first one's. */
  readonly wave: number | 'over';
  readonly start: readonly string[];
  readonly skip: readonly { readonly host: string; readonly problem: Problem }[];
}

/**
 * Decides what happens next in a run: which hosts start, and which do not any more, and why. A host that is not in
 * `standings` is waiting. With `unreachable` at `stop` nothing starts while any host is being dialled.
 */
export function nextIn(rollout: Rollout, standings: ReadonlyMap<string, Standing>): Next {
  const { waves, unreachable } = rollout;
  const hosts = waves.flat();
  const at = (host: string): Standing => standings.get(host) ?? 'waiting';
  const waiting = (some: readonly string[]) => some.filter((host) => at(host) === 'waiting');
  if (unreachable === 'stop') {
    const first = hosts.find((host) => at(host) === 'unreachable');
    if (hosts.some((host) => at(host) === 'dialling')) return { wave: 0, start: [], skip: [] };
    if (first !== undefined && !hosts.some((host) => hasStarted(at(host)))) {
      const problem = { code: 'stopped', unreachable: first } as const;
      return { wave: 'over', start: [], skip: waiting(hosts).map((host) => ({ host, problem })) };
    }
  }
  const isLeftOut = (host: string): boolean => at(host) === 'unreachable' && unreachable === 'skip';
  const isFailed = (host: string): boolean => isFailure(at(host), rollout);

  const skipped = new Map<string, Problem>();
  for (const host of waiting(hosts)) {
    for (const on of dependenciesOf(host, rollout)) {
      const isNotStarted = at(on) === 'skipped' || skipped.has(on);
      const ended = isNotStarted ? 'not-started' : isLeftOut(on) ? 'left-out' : isFailed(on) ? 'failed' : undefined;
      if (ended !== undefined && !skipped.has(host)) skipped.set(host, { code: 'dependency-failed', on, ended });
    }
  }
  const over = (): Next => ({ wave: 'over', start: [], skip: listed(skipped) });
  const index = waves.findIndex((wave) => wave.some((host) => isOpen(at(host)) && !skipped.has(host)));
  const wave = waves[index];
  if (wave === undefined) return over();

  const before = waves.slice(0, index).flat();
  const failed = before.filter(isFailed);
  const started = failed.length + before.filter((host) => at(host) === 'well').length;
  if (isMore(failed.length, started, rollout.maxFailures)) {
    const facts = { after: index, of: waves.length, failed, started, allowed: amountWords(rollout.maxFailures) };
    for (const host of waiting(waves.slice(index).flat()))
      if (!skipped.has(host)) skipped.set(host, { code: 'wave-stopped', ...facts });
    return over();
  }
  const isFree = (host: string): boolean => dependenciesOf(host, rollout).every((on) => at(on) === 'well');
  const start = waiting(wave).filter((host) => !skipped.has(host) && isFree(host));
  return { wave: index + 1, start, skip: listed(skipped) };
}

/** Tells whether a host that stands so counts as one that failed. */
export function isFailure(standing: Standing, { unreachable }: Pick<Rollout, 'unreachable'>): boolean {
  return standing === 'failed' || (standing === 'unreachable' && unreachable !== 'skip');
}

/** Gives the hosts of the run that must have ended well before a host starts. */
export function dependenciesOf(host: string, { dependencies }: Pick<Rollout, 'dependencies'>): readonly string[] {
  return dependencies.find((one) => one.host === host)?.on ?? [];
}

/** `2`, `10%` */
export function amountWords({ number, unit }: Amount): string {
  return unit === 'percent' ? `${number}%` : String(number);
}

function listed(skipped: ReadonlyMap<string, Problem>): Next['skip'] {
  return [...skipped].map(([host, problem]) => ({ host, problem }));
}

function hasStarted(standing: Standing): boolean {
  return standing === 'started' || standing === 'well' || standing === 'failed';
}

function isOpen(standing: Standing): boolean {
  return standing === 'dialling' || standing === 'waiting' || standing === 'started';
}

function isMore(failed: number, started: number, { number, unit }: Amount): boolean {
  return unit === 'hosts' ? failed > number : 100 * failed > number * started;
}
