import { nearNames } from '../../core/explain/near-names.ts';
import type { Problem } from '../../core/problem.ts';
import type { FleetHost } from './fleet.ts';
import { badAt } from './nix-values.ts';

/** What is wrong with what hosts depend on: a name that is none of a host's, and hosts that depend on themselves. */
export function dependencyProblems(hosts: readonly FleetHost[]): readonly Problem<'bad-argument'>[] {
  const names = hosts.map(({ host }) => host.name);
  const unknown = hosts.flatMap((one) =>
    one.dependsOn.flatMap((name, index) =>
      names.includes(name) ? [] : [badAt(`${placeOf(one)}[${index}]`, name, unknownName(name, names))],
    ),
  );
  const found = new Set<FleetHost>();
  const cycles = hosts.flatMap((one) => {
    const cycle = found.has(one) ? undefined : cycleFrom(one, hosts);
    if (cycle === undefined) return [];
    for (const met of cycle) found.add(met);
    const words = [...cycle, one].map(({ host }) => host.name).join(' → ');
    const next = 'each would wait for the other: leave out one of these dependencies';
    return [badAt(placeOf(one), one.dependsOn, { expected: 'free of cycles', foundWords: words, next })];
  });
  return [...unknown, ...cycles];
}

function placeOf({ places }: FleetHost): string {
  return places.get('dependsOn') ?? 'dependsOn';
}

function unknownName(name: string, names: readonly string[]) {
  const [near] = nearNames(name, names);
  const some = `there are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`;
  return { expected: 'the name of a host', next: near === undefined ? some : `did you mean ${near}?` };
}

/** The shortest way from a host over its dependencies back to itself, without its end. */
function cycleFrom(start: FleetHost, hosts: readonly FleetHost[]): readonly FleetHost[] | undefined {
  const met = new Set<FleetHost>();
  let ways: readonly (readonly [FleetHost, ...FleetHost[]])[] = [[start]];
  while (ways.length > 0) {
    // Ways are kept from their end to their beginning.
    const further = ways.flatMap((way) =>
      hosts.filter(({ host }) => way[0].dependsOn.includes(host.name)).map((next) => [next, ...way] as const),
    );
    const round = further.find(([last]) => last === start);
    if (round !== undefined) return round.slice(1).toReversed();
    ways = further.filter(([last]) => !met.has(last));
    for (const [last] of ways) met.add(last);
  }
  return undefined;
}
