import { parseDestination } from '../config/destination.ts';
import type { Given, GivenSettings } from '../config/given.ts';
import type { Verb } from '../config/option.ts';
import { flagOf } from '../config/option-names.ts';
import { shellLine } from '../core/shell-quote.ts';
import type { CommandLine } from './command-line.ts';
import { withoutIds } from './deployment-id.ts';
import { lookalike } from './verb-guard.ts';

/**
 * Gives the maker of the command that does the same for some of the hosts, ready to paste. What came from variables
 * is spelled out as flags: they may be set for this one call only, and a retry without them would do something else.
 */
export function commandAgain(line: CommandLine, settings: GivenSettings): (hosts: readonly string[]) => string {
  const typed = destinationsByName(line.destinations);
  const flags = [...settings.values()].filter(({ from }) => from !== 'default').flatMap(flagWords);
  return (hosts) => {
    const destinations = hosts.map((host) => typed.get(host) ?? host);
    const needsVerb = line.verbWas === 'typed' || lookalike(destinations[0] ?? '') !== undefined;
    return shellLine([
      'flurry',
      ...(needsVerb ? [line.verb] : []),
      ...destinations,
      ...flags,
      ...(line.nixArguments.length > 0 ? ['--', ...line.nixArguments] : []),
    ]);
  };
}

/**
 * Gives the maker of a command of another verb for some of the hosts, which finds them and becomes root there as this run does. Further words
 * stand behind the hosts.
 */
export function commandTo(
  line: CommandLine,
  settings: GivenSettings,
): (verb: string, hosts: readonly string[], words?: readonly string[]) => string {
  const typed = destinationsByName(line.destinations);
  const flags = [...settings.values()].filter(isWayThere).flatMap(flagWords);
  return (verb, hosts, words = []) =>
    shellLine(['flurry', verb, ...hosts.map((host) => typed.get(host) ?? host), ...words, ...flags]);
}

/** How the hosts are found and root is reached there; not how fast. */
function isWayThere({ option, from }: Given): boolean {
  return from !== 'default' && option.group === 'How hosts are reached' && option.name !== 'parallel-connects';
}

/** Verbs that leave nothing behind. */
const looking: readonly Verb[] = ['check', 'status'];

/** Says what goes on when the coordinator is left, and how to look at it and to stop it. */
export function waysOn(line: CommandLine, settings: GivenSettings): readonly string[] {
  const { ids, line: plain } = withoutIds(line);
  if (looking.includes(line.verb) || plain.destinations.length === 0) return [];
  const to = commandTo(plain, settings);
  const hosts = [...destinationsByName(plain.destinations).keys()];
  return [
    'what is under way on a host goes on there, and unconfirmed it puts itself back',
    '  to join it again, and see how it ends:',
    `    ${to('attach', hosts, ids)}`,
    '  to stop it:',
    `    ${to('abort', hosts)}`,
  ];
}

/** Gives what was typed for each host, by the host's name. */
export function destinationsByName(destinations: readonly string[]): ReadonlyMap<string, string> {
  const typed = new Map<string, string>();
  for (const text of destinations) {
    const host = parseDestination(text);
    if (!('code' in host) && !typed.has(host.name)) typed.set(host.name, text);
  }
  return typed;
}

/** Gives one setting as flags. */
export function flagWords({ option, value }: Given): readonly string[] {
  const flag = flagOf(option);
  if (value === true) return [flag];
  if (option.kind === 'count') return Array.from({ length: timesIn(String(value)) }, () => flag);
  if (option.kind === 'boolean') return /^(1|true|yes|on)$/i.test(String(value).trim()) ? [flag] : [];
  if (typeof value === 'string') return [flag, value];
  return value.flatMap((one) => (typeof one === 'string' ? [flag, one] : [flag, ...one]));
}

function timesIn(text: string): number {
  const word = text.trim().toLowerCase();
  return /^\d$/.test(word) ? Math.min(2, Number(word)) : ['true', 'yes', 'on'].includes(word) ? 1 : 0;
}
