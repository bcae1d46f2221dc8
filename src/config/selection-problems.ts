import { nearNames } from '../core/explain/near-names.ts';
import type { Problem } from '../core/problem.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Selected } from './selection.ts';
import { type BadSelector, isMeant, type Selector } from './selector.ts';

type Bad = Problem<'bad-argument'>;

/** What is wrong with a pattern, a tag, or several of them. */
export function badSelector(word: string, argument: string, why: BadSelector): Bad {
  if (why.bad === 'everything') {
    const expected = 'some of the hosts';
    const next = argument === '--except' ? 'nobody would be left' : 'all hosts of the flake are meant only by --all';
    return bad(`${argument} ${quoted(word)}`, { expected, found: 'all of them', next });
  }
  const expected = "a name, a pattern like 'web*', a tag like @web, or several of them joined by +";
  return bad(`${argument} ${quoted(word)}`, { expected, found: why.term, next: adviceForSelector(word) });
}

function adviceForSelector(word: string): string | undefined {
  if (word.includes(',')) return apart;
  if (/[/:#]|^[^@+]+@/.test(word)) return ofOneHost;
  return /@[^+]*\*/.test(word) ? 'only names have patterns; a tag is written as it is' : undefined;
}

const apart = 'hosts are written apart: web1 web2, or @web @eu; @web+@eu are those that have both tags';
const ofOneHost = 'user, port and configuration go with one host: around its name, or in flurry.hosts.<name>';

/** What may have been meant by a word that is no destination. */
export function adviceFor(word: string): string | undefined {
  if (/[,+]/.test(word)) return apart;
  if (/^[!~^]/.test(word)) return 'hosts are left out by --except';
  return /^[\w.-]+[?[{][\w.?[\]{}-]*$/.test(word) ? "the only wildcard is *, in quotes: 'web*'" : undefined;
}

/** What is there instead of what a pattern or tags match: nothing. */
export function nothingMatches(word: string, argument: string, selector: Selector, fleet: Fleet): Bad {
  const next = fleet.kind === 'none' ? noFlake : (unknownTag(selector, fleet) ?? eachAlone(selector, fleet));
  return bad(`${argument} ${quoted(word)}`, { expected: 'at least one host of the flake', found: 'none', next });
}

const noFlake = 'there is no flake here that tells which hosts there are: give it by -f REF, or name each host';

function unknownTag(selector: Selector, fleet: Fleet): string | undefined {
  const tags = [...new Set(fleet.hosts.flatMap((host) => host.tags))].sort();
  const unknown = selector.find((term) => term.kind === 'tag' && !tags.includes(term.tag));
  if (unknown?.kind !== 'tag') return undefined;
  if (tags.length === 0) return 'no host of the flake has tags: flurry.hosts.<name>.tags = [ "…" ]';
  const [near] = nearNames(unknown.tag, tags);
  return near === undefined ? `there are the tags ${some(tags.map((tag) => `@${tag}`))}` : `did you mean @${near}?`;
}

function eachAlone(selector: Selector, fleet: Fleet): string {
  if (selector.length === 1) return `there are ${some(namesOf(fleet))}`;
  const those = selector.map((term) => {
    const names = fleet.hosts.filter(({ host, tags }) => isMeant(host.name, tags, [term])).map(({ host }) => host.name);
    return `${term.text}: ${names.length === 0 ? 'none' : some(names)}`;
  });
  return `each alone: ${those.join('; ')}`;
}

/** What to type for a word that means no host of the flake and may be meant for one. */
export function noSuchHost(word: string, name: string, fleet: Fleet): Bad {
  const [near] = nearNames(name, namesOf(fleet));
  const its = fleet.hosts.find(({ host }) => host.configuration === name);
  const next =
    its !== undefined
      ? `${name} is the configuration of ${its.host.name}.`
      : near !== undefined
        ? `did you mean ${near}?`
        : `there are ${some(namesOf(fleet))}.`;
  return bad(`destination ${quoted(word)}`, {
    expected: 'a host of the flake',
    found: word,
    next: `${next} A machine that the flake does not name: nixos://${word.replace(/^\.#/, '')}`,
  });
}

/** What an unquoted pattern becomes. */
export function fileName(found: string): Bad {
  const next = `the shell puts names of files in the place of a pattern that is not quoted: 'web*'. A host that is called so: nixos://${found}`;
  return bad(`destination ${quoted(found)}`, { expected: 'a host, not a file', found, next });
}

/** What is wrong with leaving out what is not there. */
export function noneExcepted(found: string, chosen: readonly string[], fleet: Fleet): Bad {
  const names = [...new Set([...chosen, ...namesOf(fleet)])];
  const [near] = nearNames(found, names);
  const next =
    near !== undefined ? `did you mean ${near}?` : names.length > 0 ? `there are ${some(names)}` : 'name hosts';
  return bad('--except', { expected: 'hosts that there are: otherwise a slip would leave nobody out', found, next });
}

export function nobodyLeft(except: readonly string[]): Bad {
  const next = 'all hosts that were named are left out';
  return bad('--except', { expected: 'something that leaves a host', found: except.join(' '), next });
}

export function noHosts({ kind }: Fleet): Bad {
  const expected = 'a flake that tells which hosts there are';
  if (kind === 'none') return bad('--all', { expected, found: 'none', next: 'give it by -f REF, or name the hosts' });
  return bad('--all', { expected, found: 'no host', next: 'its output flurry names them: flurry.hosts.<name>' });
}

export function allWithWords(found: string): Bad {
  const expected = 'given without destinations: it is all hosts of the flake';
  return bad('--all', { expected, found, next: 'leave one of the two away' });
}

export function notAnAddress(name: string): Bad {
  const expected = 'a name that ssh can be given';
  const next = 'leave it out by --except, or tell in the flake which hosts there are: flurry.hosts';
  return bad('each host', { expected, found: name, next });
}

export function namedTwice(first: Selected, second: Selected, differences: readonly string[]): Bad {
  return bad(`destination ${quoted(second.typed)}`, {
    expected: 'each host once',
    found: `${first.host.name} twice, with another ${differences.join(' and ')}`,
    next: `keep ${first.typed} or ${second.typed}`,
  });
}

function bad(argument: string, facts: { readonly expected: string; readonly found: string; next: string | undefined }) {
  const { next, ...rest } = facts;
  return { code: 'bad-argument', argument, ...rest, ...(next !== undefined && { next }) } as const;
}

function namesOf(fleet: Fleet): readonly string[] {
  return fleet.hosts.map(({ host }) => host.name);
}

function some(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
