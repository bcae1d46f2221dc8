import { duration } from '../core/explain/quantity.ts';
import { activates, setsBootDefault } from '../core/goal.ts';
import type { Problem } from '../core/problem.ts';
import type { Amount, Dependency, Pause, Rollout } from '../core/rollout.ts';
import type { GivenSettings } from './given.ts';
import { leavesHostsOut } from './rollout-kinds.ts';
import type { DeploySettings } from './settings.ts';

/** A host that was chosen, and what the flake says that it depends on. */
export interface Depending {
  readonly host: { readonly name: string };
  readonly dependsOn: readonly string[];
}

type Settings = Pick<DeploySettings, 'goal' | 'waves' | 'pause' | 'maxFailures' | 'unreachable'> &
  Partial<Pick<DeploySettings, 'allOrNothing'>>;

/**
 * Puts the hosts that were chosen into waves, in the order in which they were chosen, but none before what it depends on;
 * and tells what is wrong with how that goes together.
 */
export function rolloutOf(
  { goal, waves: steps, pause = { kind: 'none' }, maxFailures, unreachable, allOrNothing = false }: Settings,
  given: GivenSettings,
  hosts: readonly Depending[],
): { readonly rollout: Rollout; readonly problems: readonly Problem<'bad-argument'>[] } {
  const dependencies = dependenciesAmong(hosts);
  const names = inOrder(
    hosts.map(({ host }) => host.name),
    dependencies,
  );
  const waves = steps === undefined ? [names] : wavesOf(names, steps);
  const rollout: Rollout = {
    kind: steps === undefined ? 'all-at-once' : 'waves',
    waves,
    ...{ dependencies, unreachable, maxFailures },
    // What changes nothing need not be watched.
    pause: activates(goal) || setsBootDefault(goal) ? pause : { kind: 'none' },
  };
  const problems = [
    ...(steps === undefined ? withoutWaves(pause, given) : []),
    ...(waves.flat().length < names.length ? [hostsLeftOut(given)] : []),
    ...(allOrNothing ? dependenciesWithin(rollout, given) : []),
  ];
  return { rollout, problems };
}

/** What each of the hosts depends on, as far as it is one of them. */
function dependenciesAmong(hosts: readonly Depending[]): readonly Dependency[] {
  const names = new Set(hosts.map(({ host }) => host.name));
  return hosts
    .filter(({ dependsOn }) => dependsOn.length > 0)
    .map(({ host, dependsOn }) => ({
      host: host.name,
      on: dependsOn.filter((name) => names.has(name)),
      elsewhere: dependsOn.filter((name) => !names.has(name)),
    }));
}

/** The same names, where what a name depends on comes right before it unless it came already. Cycles were refused. */
function inOrder(names: readonly string[], dependencies: readonly Dependency[]): readonly string[] {
  const ordered = new Set<string>();
  const met = new Set<string>();
  const add = (name: string): void => {
    if (met.has(name)) return;
    met.add(name);
    dependencies.find(({ host }) => host === name)?.on.forEach(add);
    ordered.add(name);
  };
  names.forEach(add);
  return [...ordered];
}

/** A step that comes to no host more than those before it makes no wave. */
function wavesOf(names: readonly string[], steps: readonly Amount[]): readonly (readonly string[])[] {
  const waves: (readonly string[])[] = [];
  let until = 0;
  for (const { number, unit } of steps) {
    const next = unit === 'percent' ? Math.ceil((number * names.length) / 100) : number;
    if (next <= until || until >= names.length) continue;
    waves.push(names.slice(until, next));
    until = next;
  }
  return waves;
}

/** A flake, or a variable, may say for whenever there are waves how it is paused. */
function withoutWaves(pause: Pause, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  const found = pause.kind === 'time' ? duration(pause.milliseconds) : pause.kind;
  return [
    { setting: 'pause', found },
    { setting: 'maxFailures', found: String(given.get('maxFailures')?.value) },
  ]
    .filter(({ setting }) => given.get(setting)?.from === 'flag')
    .map(({ setting, found }) => ({
      ...{ code: 'bad-argument', argument: sourceOf(setting, given), found },
      expected: 'given together with --waves: it is about what comes between them',
    }));
}

function hostsLeftOut(given: GivenSettings): Problem<'bad-argument'> {
  const text = String(given.get('waves')?.value);
  return { code: 'bad-argument', argument: sourceOf('waves', given), ...leavesHostsOut(text) };
}

/** Hosts that change together test together: none of them waits until another is done. */
function dependenciesWithin(
  { kind, waves, dependencies }: Rollout,
  given: GivenSettings,
): readonly Problem<'bad-argument'>[] {
  const waveOf = (name: string): number => waves.findIndex((wave) => wave.includes(name));
  return dependencies.flatMap(({ host, on }) =>
    on
      .filter((name) => waveOf(name) === waveOf(host))
      .map((name) => ({
        ...{ code: 'bad-argument', argument: sourceOf('allOrNothing', given), notation: 'nix' },
        expected: 'given where no host depends on one that changes together with it',
        found: `${host}, which depends on ${name}${kind === 'waves' ? ' and is in the same wave' : ''}`,
        next: `leave it away, deploy ${name} before, or put ${name} into an earlier wave: --waves`,
      })),
  );
}

function sourceOf(setting: string, given: GivenSettings): string {
  return given.get(setting)?.source ?? setting;
}
