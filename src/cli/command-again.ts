import type { Fleet } from '../config/fleet/fleet.ts';
import { belongs, type Given, type GivenSettings } from '../config/given.ts';
import { type Verb, withoutRelease } from '../config/option.ts';
import { flagOf } from '../config/option-names.ts';
import { looksLikeSelector } from '../config/selector.ts';
import { shellLine } from '../core/shell-quote.ts';
import type { CommandLine } from './command-line.ts';
import { withoutIds } from './deployment-id.ts';
import { type BesideVerb, lookalike } from './verb-guard.ts';

/** The hosts that were chosen: what means each on a command line, and whether a flake is needed for that. */
interface Chosen {
  readonly typed: ReadonlyMap<string, string>;
  readonly fleet: Fleet['kind'];
}

/**
 * Gives the maker of the command that does the same for some of the hosts, ready to paste. What came from variables
 * is spelled out as flags: they may be set for this one call only, and a retry without them would do something else.
 */
export function commandAgain(
  line: CommandLine,
  settings: GivenSettings,
  { typed }: Pick<Chosen, 'typed'>,
): (hosts: readonly string[]) => string {
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

/** As `commandAgain`, of what a plan has told: the command that does it. */
export function commandToDo(
  line: CommandLine,
  settings: GivenSettings,
  chosen: Pick<Chosen, 'typed'>,
): (hosts: readonly string[]) => string {
  const others = new Map([...settings].filter(([name]) => name !== 'dryRun'));
  return commandAgain(line.verb === 'plan' ? { ...line, verb: 'deploy', verbWas: 'left-out' } : line, others, chosen);
}

/**
 * Gives the maker of a command of another verb for some of the hosts, which finds them and becomes root there as this run does. Further words
 * stand behind the hosts.
 */
export function commandTo(
  settings: GivenSettings,
  { typed, fleet }: Chosen,
): (verb: string, hosts: readonly string[], words?: readonly string[]) => string {
  const given = [...settings.values()].filter(({ from }) => from !== 'default');
  const reach = given.filter(({ option }) => option.group === reachGroup && option.name !== 'parallel-connects');
  return (verb, hosts, words = []) => {
    const destinations = hosts.map((host) => typed.get(host) ?? host);
    const flags = [...whatTellsOfHosts(given, verb, fleet), ...reach.flatMap(flagWords)];
    return shellLine(['flurry', verb, ...destinations, ...words, ...flags]);
  };
}

const reachGroup = 'How hosts are reached';

/**
 * The flake, and how it is evaluated, where it is what tells of the hosts, or is deployed. Another one that was named is not
 * read again: without it the words mean the same, while the flake that is here may tell of other hosts.
 */
function whatTellsOfHosts(given: readonly Given[], verb: string, fleet: Chosen['fleet']): readonly string[] {
  const of = (...names: readonly string[]) => given.filter(({ option }) => names.includes(option.name));
  const withoutOne = of('no-flake').flatMap(flagWords);
  if (!withoutRelease.some((one) => one === verb) || (fleet === 'declared' && withoutOne.length === 0)) {
    return given.filter((one) => bearsOnFlake(one) && one.option.verbs.some((its) => its === verb)).flatMap(flagWords);
  }
  return of('flake').length > 0 ? ['--no-flake'] : withoutOne;
}

function bearsOnFlake({ option }: Given): boolean {
  return option.name === 'flake' || option.group === 'Nix';
}

/** Verbs that leave nothing behind. */
const looking: readonly Verb[] = ['plan', 'check', 'status', 'history', 'list', 'config'];

/** Says what goes on when the coordinator is left, and how to look at it and to stop it. */
export function waysOn(line: CommandLine, settings: GivenSettings): readonly string[] {
  const { ids, line: plain } = withoutIds(line);
  if (looking.includes(line.verb) || (plain.destinations.length === 0 && !plain.all)) return [];
  // Which hosts these words mean is not known yet; with the flake they mean the same again.
  const to = commandTo(settings, { typed: new Map(), fleet: 'declared' });
  const hosts = [...plain.destinations, ...choicesIn(plain)];
  return [
    'what is under way on a host goes on there, and unconfirmed it puts itself back',
    '  to join it again, and see how it ends:',
    `    ${to('attach', hosts, ids)}`,
    '  to stop it:',
    `    ${to('abort', hosts)}`,
  ];
}

/** Gives the same command without the flake. What only the flake tells, which hosts a selector means, is left to the person. */
export function withoutFlake(line: CommandLine, settings: GivenSettings): string {
  const { ids, line: plain } = withoutIds(line);
  const needsFlake = plain.all || plain.except.length > 0 || plain.destinations.some(looksLikeSelector);
  const typed = [...settings.values()].filter((one) => one.from !== 'default' && !bearsOnFlake(one));
  const hosts = needsFlake ? ['HOST'] : plain.destinations;
  return shellLine(['flurry', line.verb, ...hosts, ...ids, '--no-flake', ...typed.flatMap(flagWords)]);
}

/** What was typed beside a word that is no verb, but may have been meant for one: nothing of it may get lost. */
export function wordsBeside(word: string, line: CommandLine, settings: GivenSettings): BesideVerb {
  const others = line.destinations.toSpliced(line.destinations.indexOf(word), 1);
  const typed = [...settings.values()].filter(({ from }) => from === 'flag');
  return {
    hosts: [...others, ...choicesIn(line)],
    flagsFor: (verb) => typed.filter(({ option }) => belongs(option, verb)).flatMap(flagWords),
  };
}

function choicesIn({ all, except }: CommandLine): readonly string[] {
  return [...(all ? ['--all'] : []), ...except.flatMap((word) => ['--except', word])];
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
