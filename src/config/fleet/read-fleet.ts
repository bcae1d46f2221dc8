import { nearNames } from '../../core/explain/near-names.ts';
import { hostPattern } from '../destination.ts';
import { dependencyProblems } from './dependencies.ts';
import { type Fleet, type FleetHost, noFleet } from './fleet.ts';
import { attribute, isSet } from './nix-text.ts';
import { badAt } from './nix-values.ts';
import { type Problems, readDefaults, readHost, setAt } from './read-settings.ts';
import { unknownNames } from './unknown-names.ts';

/**
 * Reads the output `flurry` of a flake: null where there is none. Without hosts in it each of the `configurations` is a host
 * of that name. What cannot be read is among the problems, each with its place, and the fleet is all the rest.
 */
export function readFleet(flurry: unknown, configurations: readonly string[]): Fleet {
  if (flurry === null) {
    const hosts = configurations.map((name) => ({ ...nothing, host: { name, address: name } }));
    return { ...noFleet, kind: 'configurations', hosts };
  }
  const problems: Problems = [];
  const top = setAt(flurry, 'flurry', problems, 'like flurry.hosts.web1 = { address = "192.0.2.7"; }');
  problems.push(...unknownNames(top, 'flurry', 'top', configurations));
  const defaults = readDefaults(Object.hasOwn(top, 'defaults') ? top['defaults'] : {}, 'flurry.defaults', problems);
  const all = isSet(flurry) ? Object.fromEntries(configurations.map((name) => [name, {}])) : {};
  const named = Object.hasOwn(top, 'hosts')
    ? setAt(top['hosts'], 'flurry.hosts', problems, nextForHosts(top['hosts']))
    : all;
  const read = Object.entries(named).map(([name, value]): FleetHost => {
    const place = `flurry.hosts.${attribute(name)}`;
    refuseName(name, place, problems);
    const { own, settings, checks, places } = readHost(value, place, problems);
    refuseMissing(name, own.configuration, place, configurations, problems);
    const { tags = [], dependsOn = [], address = name, ...rest } = { ...defaults.own, ...own };
    return {
      host: { name, address, ...rest },
      tags,
      dependsOn,
      settings: new Map([...defaults.settings, ...settings]),
      checks: new Map([...defaults.checks, ...checks]),
      places: new Map([...defaults.places, ...places]),
    };
  });
  // A name that cannot be typed is told here, and not once more where hosts are chosen.
  const hosts = read.filter(({ host }) => isName(host.name));
  problems.push(...dependencyProblems(hosts));
  const { settings, own: login, checks, places } = defaults;
  return { kind: 'declared', hosts, defaults: settings, login, checks, places, problems };
}

const nothing = { tags: [], dependsOn: [], settings: new Map(), checks: new Map(), places: new Map() } as const;

function nextForHosts(value: unknown): string | undefined {
  const [first]: readonly unknown[] = Array.isArray(value) ? value : [];
  return typeof first === 'string' ? `write flurry.hosts.${attribute(first)} = { };` : undefined;
}

function isName(name: string): boolean {
  return hostPattern.test(name) && name !== 'local';
}

function refuseName(name: string, place: string, problems: Problems): void {
  if (isName(name)) return;
  const why =
    name === 'local' ? 'another name: local is this machine' : 'a name of letters, digits, _ - and single dots';
  problems.push(badAt(place, name, { expected: why, next: 'name it otherwise; how it is reached is address = "…"' }));
}

function refuseMissing(
  name: string,
  configuration: string | undefined,
  place: string,
  existing: readonly string[],
  problems: Problems,
): void {
  if (existing.includes(configuration ?? name)) return;
  const [near] = nearNames(configuration ?? name, existing);
  const one = 'one of the nixosConfigurations';
  const some = `there are ${existing.slice(0, 8).join(', ')}${existing.length > 8 ? ` and ${existing.length - 8} more` : ''}`;
  if (configuration !== undefined) {
    const next = near === undefined ? some : `did you mean ${near}?`;
    problems.push(badAt(`${place}.configuration`, configuration, { expected: `the name of ${one}`, next }));
    return;
  }
  const next =
    near === undefined
      ? `${some}: say which is its, configuration = "…"`
      : `name it ${near}, or say configuration = "${near}"`;
  problems.push(badAt(place, name, { expected: `named like ${one}`, next }));
}
