import { nearNames } from '../core/explain/near-names.ts';
import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';
import { parseDestination } from './destination.ts';
import type { Fleet, FleetHost } from './fleet/fleet.ts';
import type { GivenSettings } from './given.ts';
import { looksLikeSelector, readSelector, type Selector } from './selector.ts';

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
  /** What means this host, and no other, on a command line. */
  readonly typed: string;
}

export interface Selection {
  /** In the order in which they were typed; those of a pattern or a tag in the order of their names. Each name once. */
  readonly selected: readonly Selected[];
  readonly problems: readonly Problem<'bad-argument'>[];
}

/**
 * Finds the hosts that are meant, and every problem in what was typed: none of the words may mean nothing. A host of the
 * flake is meant by its name, whatever user, port and configuration stand around it; any other destination is an address,
 * unless the flake says itself which hosts there are, and this would be one of them but for a slip.
 */
export function selectHosts(wanted: Wanted, fleet: Fleet): Selection {
  const problems: Problem<'bad-argument'>[] = [];
  const chosen = new Map<string, Selected>();
  const add = (one: Selected): void => {
    const known = chosen.get(one.host.name);
    if (known === undefined) chosen.set(one.host.name, one);
    else if (differences(known.host, one.host).length > 0) problems.push(namedTwice(known, one));
  };
  if (wanted.all) {
    problems.push(...allProblems(wanted, fleet));
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
  if (problems.length === 0 && chosen.size > 0 && selected.length === 0) problems.push(nobodyLeft(wanted));
  return { selected, problems };
}

/** What can be told to be no destination and no selector before the flake is read. */
export function grammarProblems({ destinations }: Wanted): readonly Problem<'bad-argument'>[] {
  return destinations.flatMap((word) => {
    if (!looksLikeSelector(word)) {
      const read = parseDestination(word);
      return 'code' in read ? [read] : [];
    }
    const selector = readSelector(word);
    return 'bad' in selector ? [badSelector(word, 'destination', selector.bad)] : [];
  });
}

type Found = { readonly hosts: readonly Selected[] } | { readonly problem: Problem<'bad-argument'> };

function ofFleet({ host, settings }: FleetHost): Selected {
  return { host, settings, typed: host.name };
}

function selectedBy(word: string, argument: string, fleet: Fleet): Found {
  const selector = readSelector(word);
  if ('bad' in selector) return { problem: badSelector(word, argument, selector.bad) };
  const hosts = fleet.hosts.filter((one) => isMeant(one, selector)).map(ofFleet);
  return hosts.length > 0 ? { hosts } : { problem: nothingMatches(word, argument, selector, fleet) };
}

function badSelector(word: string, argument: string, found: string): Problem<'bad-argument'> {
  const expected = "a name, a pattern like 'web*', a tag like @web, or several of them joined by +";
  return { code: 'bad-argument', argument: `${argument} ${quoted(word)}`, expected, found };
}

function isMeant({ host, tags }: FleetHost, selector: Selector): boolean {
  return selector.every((term) => (term.kind === 'tag' ? tags.includes(term.tag) : term.matches(host.name)));
}

function destined(word: string, fleet: Fleet): Found {
  const read = parseDestination(word);
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
    return { hosts: [{ host, settings: known.settings, typed: word }] };
  }
  if (fleet.kind === 'declared' && isBare(word)) return { problem: noSuchHost(word, fleet) };
  const host = read.via === 'local' ? read : { ...fleet.login, ...read };
  return { hosts: [{ host, settings: fleet.defaults, typed: word }] };
}

/** A word that names a host of the flake, if anything: no address with a dot, a user, a port or a configuration. */
function isBare(word: string): boolean {
  return word !== 'local' && (/^[^@:/.]+$/.test(word) || word.startsWith('.#'));
}

function exceptedBy(word: string, fleet: Fleet, chosen: ReadonlyMap<string, Selected>): Found {
  if (looksLikeSelector(word)) return selectedBy(word, '--except', fleet);
  const known = fleet.hosts.find(({ host }) => host.name === word);
  const one = chosen.get(word) ?? (known === undefined ? undefined : ofFleet(known));
  if (one !== undefined) return { hosts: [one] };
  const names = [...new Set([...chosen.keys(), ...fleet.hosts.map(({ host }) => host.name)])];
  const expected = 'hosts that there are: otherwise a slip would leave nobody out';
  const next = nextOf(word, names, fleet);
  return { problem: { code: 'bad-argument', argument: '--except', expected, found: word, next } };
}

function allProblems({ destinations }: Wanted, fleet: Fleet): readonly Problem<'bad-argument'>[] {
  const problem = (expected: string, found: string, next: string): Problem<'bad-argument'> => ({
    ...{ code: 'bad-argument', argument: '--all' },
    ...{ expected, found, next },
  });
  if (fleet.kind === 'none') {
    return [problem('a flake that tells which hosts there are', 'none', 'give it by -f REF, or name the hosts')];
  }
  const [first] = destinations;
  if (first === undefined) return [];
  return [problem('given without destinations: it is all hosts of the flake', first, 'leave one of the two away')];
}

function nothingMatches(word: string, argument: string, selector: Selector, fleet: Fleet): Problem<'bad-argument'> {
  const tags = [...new Set(fleet.hosts.flatMap((host) => host.tags))].sort();
  const unknown = selector.find((term) => term.kind === 'tag' && !tags.includes(term.tag));
  const next =
    fleet.kind === 'none'
      ? 'there is no flake here that tells which hosts there are: give it by -f REF, or name each host'
      : unknown?.kind === 'tag'
        ? tags.length === 0
          ? 'no host of the flake has tags: flurry.hosts.<name>.tags = [ "…" ]'
          : nextTag(unknown.tag, tags)
        : nextOf(
            word,
            fleet.hosts.map(({ host }) => host.name),
            fleet,
          );
  const expected = 'at least one host of the flake';
  return { code: 'bad-argument', argument: `${argument} ${quoted(word)}`, expected, found: 'none', next };
}

function nextTag(tag: string, tags: readonly string[]): string {
  const [near] = nearNames(tag, tags);
  return near === undefined ? `there are the tags ${some(tags.map((one) => `@${one}`))}` : `did you mean @${near}?`;
}

function noSuchHost(word: string, fleet: Fleet): Problem<'bad-argument'> {
  const name = word.replace(/^\.#/, '');
  const next = nextOf(
    name,
    fleet.hosts.map(({ host }) => host.name),
    fleet,
  );
  return {
    ...{ code: 'bad-argument', argument: `destination ${quoted(word)}`, expected: 'a host of the flake', found: word },
    next: `${next}; for a machine that it does not name: nixos://${name}`,
  };
}

function nextOf(word: string, names: readonly string[], { kind }: Fleet): string {
  const [near] = nearNames(word.replaceAll('*', ''), names);
  if (near !== undefined && !word.includes('*')) return `did you mean ${near}?`;
  return names.length === 0 && kind === 'none' ? 'name each host' : `there are ${some(names)}`;
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}

function nobodyLeft({ except }: Wanted): Problem<'bad-argument'> {
  const expected = 'something that leaves a host';
  return { code: 'bad-argument', argument: '--except', expected, found: except.join(' '), next: 'none is left' };
}

function namedTwice(first: Selected, second: Selected): Problem<'bad-argument'> {
  return {
    code: 'bad-argument',
    argument: `destination ${quoted(second.typed)}`,
    expected: 'each host once',
    found: `${first.host.name} twice, with another ${differences(first.host, second.host).join(' and ')}`,
    next: `keep ${first.typed} or ${second.typed}`,
  };
}

function differences(one: Host, other: Host): readonly string[] {
  return [
    ...(one.via === other.via ? [] : ['way to it']),
    ...(one.user === other.user ? [] : ['user']),
    ...(one.port === other.port ? [] : ['port']),
    ...(one.configuration === other.configuration ? [] : ['configuration']),
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
