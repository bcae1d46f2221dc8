import { slipOf } from '../core/explain/near-names.ts';
import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';
import { isAddress, parseDestination } from './destination.ts';
import type { Fleet, FleetHost } from './fleet/fleet.ts';
import type { GivenSettings } from './given.ts';
import {
  adviceFor,
  allWithWords,
  badSelector,
  fileName,
  namedTwice,
  nobodyLeft,
  noHosts,
  noneExcepted,
  noSuchHost,
  notAnAddress,
  nothingMatches,
} from './selection-problems.ts';
import { isMeant, looksLikeSelector, readSelector } from './selector.ts';

/** Which hosts are meant, as it was typed. */
export interface Wanted {
  readonly destinations: readonly string[];
  readonly except: readonly string[];
  readonly all: boolean;
}

/** A host that was chosen, with what the flake says of it. */
export interface Selected {
  readonly host: Host;
  readonly settings: GivenSettings;
  readonly checks: FleetHost['checks'];
  /** What means this host, and no other, on a command line. */
  readonly typed: string;
  /** As the flake says. */
  readonly dependsOn: readonly string[];
}

export interface Selection {
  /** In the order in which they were typed; those of a pattern or a tag in the order of their names. Each name once. */
  readonly selected: readonly Selected[];
  readonly problems: readonly Problem<'bad-argument'>[];
}

/**
 * Finds the hosts that are meant, and every problem in what was typed: none of the words may mean nothing, nor all hosts but
 * by `--all`. A host of the flake is meant by its name, whatever user, port and configuration stand around it. Another
 * destination is an address, but not where the flake says itself which hosts there are and this could be the name of one,
 * nor where it is a slip of a host's name: with `nixos://` in front it is one then as well.
 */
export function selectHosts(wanted: Wanted, fleet: Fleet): Selection {
  const problems: Problem<'bad-argument'>[] = [];
  const chosen = new Map<string, Selected>();
  const add = (one: Selected): void => {
    const known = chosen.get(one.host.name);
    if (known === undefined) chosen.set(one.host.name, one);
    else if (differences(known.host, one.host).length > 0)
      problems.push(namedTwice(known, one, differences(known.host, one.host)));
  };
  if (wanted.all) {
    if (wanted.destinations[0] !== undefined) problems.push(allWithWords(wanted.destinations[0]));
    else if (fleet.hosts.length === 0) problems.push(noHosts(fleet));
    fleet.hosts.map(ofFleet).forEach(add);
  }
  for (const word of wanted.destinations) {
    const found = looksLikeSelector(word) ? selectedBy(word, 'destination', fleet) : destined(word, fleet);
    if ('problem' in found) problems.push(found.problem);
    else found.hosts.forEach(add);
  }
  const excepted = new Set<string>();
  for (const word of wanted.except) {
    const found = exceptedBy(word, fleet, chosen);
    if ('problem' in found) problems.push(found.problem);
    else for (const { host } of found.hosts) excepted.add(host.name);
  }
  const selected = [...chosen.values()].filter(({ host }) => !excepted.has(host.name));
  if (problems.length === 0 && chosen.size > 0 && selected.length === 0) problems.push(nobodyLeft(wanted.except));
  // Names of configurations are any text, and only a flake's own `flurry.hosts` was judged when it was read.
  problems.push(...selected.filter(({ host }) => !isAddress(host.address)).map(({ host }) => notAnAddress(host.name)));
  return { selected, problems };
}

/** What can be told to be no destination and no selector before the flake is read. */
export function grammarProblems({ destinations }: Wanted): readonly Problem<'bad-argument'>[] {
  return destinations.flatMap((word) => {
    if (!looksLikeSelector(word)) {
      const read = readDestination(word);
      return 'code' in read ? [read] : [];
    }
    const selector = readSelector(word);
    return 'bad' in selector ? [badSelector(word, 'destination', selector)] : [];
  });
}

type Found = { readonly hosts: readonly Selected[] } | { readonly problem: Problem<'bad-argument'> };

/** Alone the word `local` is this machine. */
function ofFleet({ host, settings, checks, dependsOn }: FleetHost): Selected {
  return { host, settings, checks, dependsOn, typed: host.name === 'local' ? 'nixos://local' : host.name };
}

function selectedBy(word: string, argument: 'destination' | '--except', fleet: Fleet): Found {
  const selector = readSelector(word);
  if ('bad' in selector) return { problem: badSelector(word, argument, selector) };
  const hosts = fleet.hosts.filter(({ host, tags }) => isMeant(host.name, tags, selector)).map(ofFleet);
  return hosts.length > 0 ? { hosts } : { problem: nothingMatches(word, argument, selector, fleet) };
}

function readDestination(word: string): Host | Problem<'bad-argument'> {
  const read = parseDestination(word);
  if (!('code' in read) || read.next !== undefined) return read;
  const next = adviceFor(word);
  return next === undefined ? read : { ...read, next };
}

function destined(word: string, fleet: Fleet): Found {
  const read = readDestination(word);
  if ('code' in read) return { problem: read };
  const known = read.via === 'local' ? undefined : fleet.hosts.find(({ host }) => host.name === read.address);
  if (known !== undefined) {
    const { user, port, configuration } = read;
    const host = {
      ...known.host,
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(configuration !== undefined && { configuration }),
    };
    return { hosts: [{ ...known, host, typed: word }] };
  }
  const problem =
    word.startsWith('nixos://') || read.via === 'local' ? undefined : noAddress(word, read.address, fleet);
  if (problem !== undefined) return { problem };
  const host = read.via === 'local' ? read : { ...fleet.login, ...read };
  return { hosts: [{ host, settings: fleet.defaults, checks: fleet.checks, typed: word, dependsOn: [] }] };
}

/** Tells why a word that means no host of the flake cannot be meant for an address, as far as it shows. */
function noAddress(word: string, address: string, fleet: Fleet): Problem<'bad-argument'> | undefined {
  if (/^[^@:/]+\.(?:nix|lock)$/.test(word)) return fileName(word);
  const isBare = /^[^@:/.]+$/.test(word) || word.startsWith('.#');
  const names = fleet.hosts.map(({ host }) => host.name);
  if (fleet.kind === 'declared' && isBare) return noSuchHost(word, address, fleet);
  return slipOf(address, names) === undefined ? undefined : noSuchHost(word, address, fleet);
}

function exceptedBy(word: string, fleet: Fleet, chosen: ReadonlyMap<string, Selected>): Found {
  if (looksLikeSelector(word)) return selectedBy(word, '--except', fleet);
  const known = fleet.hosts.find(({ host }) => host.name === word);
  const one = chosen.get(word) ?? (known === undefined ? undefined : ofFleet(known));
  return one === undefined ? { problem: noneExcepted(word, [...chosen.keys()], fleet) } : { hosts: [one] };
}

function differences(one: Host, other: Host): readonly string[] {
  return [
    ...(one.via === other.via ? [] : ['way to it']),
    ...(one.user === other.user ? [] : ['user']),
    ...(one.port === other.port ? [] : ['port']),
    ...(one.configuration === other.configuration ? [] : ['configuration']),
  ];
}
