import type { z } from 'zod';
import type { Problem } from '../../core/problem.ts';
import type { Given, GivenSettings } from '../given.ts';
import { settingOf } from '../option-names.ts';
import { tagPattern } from '../selector.ts';
import { isSet } from './nix-text.ts';
import { badAt, problemsAt } from './nix-values.ts';
import { readOption } from './option-values.ts';
import { everyHost, oneHost } from './own-settings.ts';
import { type Declared, readChecks } from './read-checks.ts';
import { isLimit, optionsIn, unknownNames } from './unknown-names.ts';

export type Problems = Problem<'bad-argument'>[];
type Set = Readonly<Record<string, unknown>>;

/** What one set of settings says, as far as it can be read. */
export interface Said<Own> {
  readonly own: Own;
  readonly settings: GivenSettings;
  readonly checks: ReadonlyMap<string, Declared>;
  /** Where it says what, for what is no option. */
  readonly places: ReadonlyMap<string, string>;
}

/** Reads the settings of all hosts, at `flurry.defaults`. */
export function readDefaults(value: unknown, place: string, problems: Problems): Said<z.output<typeof everyHost>> {
  const set = setAt(value, place, problems, undefined);
  return { ...readAround(set, place, 'defaults', problems), ...readOwn(everyHost, set, place, problems) };
}

/** Reads the settings of one host. */
export function readHost(value: unknown, place: string, problems: Problems): Said<z.output<typeof oneHost>> {
  const next = typeof value === 'string' ? `did you mean ${place}.address?` : undefined;
  const set = setAt(value, place, problems, next);
  const { own, places } = readOwn(oneHost, set, place, problems);
  const tags = own.tags ?? tagsIn(set['tags']);
  return { ...readAround(set, place, 'host', problems), own: { ...own, ...(tags.length > 0 && { tags }) }, places };
}

/** Gives the set at a place; an empty one where there is something else, which is told. */
export function setAt(value: unknown, place: string, problems: Problems, next: string | undefined): Set {
  if (isSet(value)) return value;
  const instead = value === null ? 'write { } where nothing is to be said' : next;
  problems.push(badAt(place, value, { expected: 'a set', ...(instead !== undefined && { next: instead }) }));
  return {};
}

function readAround(set: Set, place: string, where: 'defaults' | 'host', problems: Problems) {
  problems.push(...unknownNames(set, place, where));
  const limitsPlace = `${place}.limits`;
  const limits = Object.hasOwn(set, 'limits') ? setAt(set['limits'], limitsPlace, problems, undefined) : {};
  problems.push(...unknownNames(limits, limitsPlace, where === 'host' ? 'limits of a host' : 'limits of defaults'));

  const settings = new Map<string, Given>();
  for (const option of optionsIn(where)) {
    const name = settingOf(option);
    const [from, at] = isLimit(option) ? [limits, limitsPlace] : [set, place];
    if (!Object.hasOwn(from, name)) continue;
    const source = `${at}.${name}`;
    const read = readOption(option, from[name], source);
    if ('problems' in read) problems.push(...read.problems);
    const value = 'typed' in read ? { value: read.typed } : { value: '', isBroken: true };
    settings.set(name, { option, source, from: 'flake', ...value });
  }
  const checks = Object.hasOwn(set, 'checks') ? readChecks(set['checks'], `${place}.checks`, problems) : new Map();
  return { settings, checks };
}

/** Reads what says who a host is; what is wrong of it is left out. */
function readOwn<Shape extends typeof everyHost.shape>(
  schema: z.ZodObject<Shape>,
  set: Set,
  place: string,
  problems: Problems,
) {
  const names = Object.keys(schema.shape).filter((name) => Object.hasOwn(set, name));
  const valuesOf = (some: readonly string[]): Set => Object.fromEntries(some.map((name) => [name, set[name]]));
  const places = new Map(names.map((name) => [name, `${place}.${name}`]));
  const read = schema.safeParse(valuesOf(names));
  if (read.success) return { own: read.data, places };
  problems.push(...problemsAt(place, set, read.error));
  const bad = new Set(read.error.issues.map(({ path }) => String(path[0])));
  return { own: schema.parse(valuesOf(names.filter((name) => !bad.has(name)))), places };
}

/** Those that can be read where others cannot, so that who is meant by a tag is not hidden by another mistake. */
function tagsIn(value: unknown): string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string' && tagPattern.test(one));
}
