import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';
import { parseDestination } from './destination.ts';

export interface Destinations {
  /** In the order in which they were typed, each name once. */
  readonly hosts: readonly Host[];
  readonly problems: readonly Problem<'bad-argument'>[];
}

/** Reads all destinations and every problem in them. The same destination twice is one host. */
export function parseDestinations(texts: readonly string[]): Destinations {
  const hosts = new Map<string, { readonly text: string; readonly host: Host }>();
  const problems: Problem<'bad-argument'>[] = [];
  for (const text of texts) {
    const read = parseDestination(text);
    if ('code' in read) {
      problems.push(read);
      continue;
    }
    const known = hosts.get(read.name);
    if (known === undefined) hosts.set(read.name, { text, host: read });
    else if (differences(known.host, read).length > 0) problems.push(namedTwice(known, { text, host: read }));
  }
  return { hosts: [...hosts.values()].map(({ host }) => host), problems };
}

interface Typed {
  readonly text: string;
  readonly host: Host;
}

function namedTwice(first: Typed, second: Typed): Problem<'bad-argument'> {
  return {
    code: 'bad-argument',
    argument: `destination ${JSON.stringify(second.text)}`,
    expected: 'each host once',
    found: `${first.host.name} twice, with another ${differences(first.host, second.host).join(' and ')}`,
    next: `keep ${first.text} or ${second.text}`,
  };
}

function differences(one: Host, other: Host): readonly string[] {
  return [
    ...(one.via === other.via ? [] : ['way to it']),
    ...(one.user === other.user ? [] : ['user']),
    ...(one.configuration === other.configuration ? [] : ['configuration']),
  ];
}
