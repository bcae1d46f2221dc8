import type { z } from 'zod';
import { nearNames } from '../../core/explain/near-names.ts';
import type { Host } from '../../core/host.ts';
import type { Problem } from '../../core/problem.ts';
import { hostPattern } from '../destination.ts';
import type { Given, GivenSettings } from '../given.ts';
import type { Option } from '../option.ts';
import { settingOf } from '../option-names.ts';
import { options } from '../options.ts';
import { schemas } from '../settings.ts';
import type { Fleet, FleetHost } from './fleet.ts';
import { isObject } from './is-object.ts';
import { badText, described } from './nix-values.ts';
import { asTyped } from './option-values.ts';
import { everyHost, oneHost } from './own-settings.ts';

/** What the flake says, or every problem in it. */
export type FleetRead =
  | { readonly fleet: Fleet; readonly problems?: undefined }
  | { readonly fleet?: undefined; readonly problems: readonly Problem<'bad-argument'>[] };

/**
 * Reads the output `flurry` of a flake: null where there is none, and then each of the `configurations` is a host of that
 * name. Every problem is told at once, each with its place.
 */
export function readFleet(flurry: unknown, configurations: readonly string[]): FleetRead {
  if (flurry === null) return { fleet: { ...undeclared, hosts: configurations.map(likeItsConfiguration) } };
  const problems: Problem<'bad-argument'>[] = [];
  const top = setAt(flurry, 'flurry', problems);
  refuseUnknown(top, 'flurry', ['defaults', 'hosts'], problems);
  const defaults = readSettings(top['defaults'] ?? {}, 'flurry.defaults', 'defaults', problems);
  const named = setAt(top['hosts'] ?? {}, 'flurry.hosts', problems);
  const hosts = Object.entries(named).map(([name, value]) => {
    const place = `flurry.hosts.${attribute(name)}`;
    if (!hostPattern.test(name) || name === 'local') problems.push(badName(place, name));
    const own = readSettings(value, place, 'host', problems);
    refuseMissing(own.host.configuration ?? name, place, configurations, own.places, problems);
    return hostOf(name, own, defaults);
  });
  if (problems.length > 0) return { problems };
  const { user, port } = defaults.host;
  return {
    fleet: {
      kind: 'declared',
      hosts,
      defaults: defaults.settings,
      login: { ...(user !== undefined && { user }), ...(port !== undefined && { port }) },
    },
  };
}

const undeclared = { kind: 'configurations', defaults: new Map(), login: {} } as const;

function likeItsConfiguration(name: string): FleetHost {
  return { host: { name, address: name }, tags: [], settings: new Map(), places: new Map() };
}

type Own = Partial<Omit<Host, 'name' | 'via' | 'reach'>> & { readonly tags?: readonly string[] };

/** What one set of settings says. */
interface Said {
  readonly host: Own;
  readonly settings: GivenSettings;
  readonly places: ReadonlyMap<string, string>;
}

function hostOf(name: string, own: Said, defaults: Said): FleetHost {
  const { tags = [], address = name, ...rest } = { ...defaults.host, ...own.host };
  return {
    host: { name, address, ...rest },
    tags,
    settings: new Map([...defaults.settings, ...own.settings]),
    places: new Map([...defaults.places, ...own.places]),
  };
}

const inFlake: readonly Option[] = options.filter((option) => 'inFlake' in option);
const isLimit = ({ group }: Option): boolean => group === 'Time limits';

function readSettings(
  value: unknown,
  place: string,
  where: 'defaults' | 'host',
  problems: Problem<'bad-argument'>[],
): Said {
  const set = setAt(value, place, problems);
  const limits = setAt(set['limits'] ?? {}, `${place}.limits`, problems);
  const known = inFlake.filter((option) => where === 'defaults' || option.inFlake === 'host');
  const own: Readonly<Record<string, z.ZodType>> = where === 'host' ? { ...everyHost, ...oneHost } : everyHost;
  const plain = known.filter((option) => !isLimit(option)).map(settingOf);
  refuseUnknown(set, place, [...Object.keys(own), ...plain, 'limits'], problems);
  refuseUnknown(limits, `${place}.limits`, known.filter(isLimit).map(settingOf), problems);

  const settings = new Map<string, Given>();
  for (const option of known) {
    const name = settingOf(option);
    const from = isLimit(option) ? limits : set;
    if (!Object.hasOwn(from, name)) continue;
    const source = isLimit(option) ? `${place}.limits.${name}` : `${place}.${name}`;
    const typed = readBy(asTyped(option), from[name], source, problems);
    if (typed === undefined) continue;
    if (checkBy(schemaOf(name), typed, source, problems))
      settings.set(name, { option, source, from: 'flake', value: typed });
  }
  const places = new Map<string, string>();
  const host: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(own)) {
    if (!Object.hasOwn(set, name)) continue;
    const read = readBy(schema, set[name], `${place}.${name}`, problems);
    if (read === undefined) continue;
    host[name] = read;
    places.set(name, `${place}.${name}`);
  }
  // Each of these schemas gives the type of its name.
  return { host: host as Own, settings, places };
}

function schemaOf(name: string): z.ZodType {
  const found = Object.entries(schemas).find(([key]) => key === name)?.[1];
  if (found === undefined) throw new Error(`no schema for ${name}`);
  return found;
}

function readBy<T>(schema: z.ZodType<T>, value: unknown, place: string, problems: Problem<'bad-argument'>[]) {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  problems.push(...read.error.issues.map((issue) => problemIn(issue, place, value)));
  return undefined;
}

function checkBy(schema: z.ZodType, typed: unknown, place: string, problems: Problem<'bad-argument'>[]): boolean {
  const before = problems.length;
  readBy(schema, typed, place, problems);
  return problems.length === before;
}

function problemIn(issue: z.core.$ZodIssue, place: string, value: unknown): Problem<'bad-argument'> {
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const bad = badText.safeParse(customParams(issue) ?? {});
  const argument = `${place}${path}`;
  return bad.success
    ? { code: 'bad-argument', argument, ...bad.data }
    : { code: 'bad-argument', argument, expected: issue.message, found: described(value) };
}

function customParams(issue: z.core.$ZodIssue): unknown {
  if (issue.code === 'custom') return issue.params;
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors
    .flat()
    .map(customParams)
    .find((params) => params !== undefined);
}

function setAt(value: unknown, place: string, problems: Problem<'bad-argument'>[]): Readonly<Record<string, unknown>> {
  if (isObject(value) && typeof value['flurry: not data'] !== 'string') return value;
  problems.push({ code: 'bad-argument', argument: place, expected: 'a set', found: described(value) });
  return {};
}

// What others call it, or what it is called elsewhere here.
const meant: Readonly<Record<string, string>> = {
  targetHost: 'address',
  host: 'address',
  hostname: 'address',
  hostName: 'address',
  sshHost: 'address',
  targetUser: 'user',
  sshUser: 'user',
  targetPort: 'port',
  sshPort: 'port',
  sshOpts: 'sshOptions',
  remoteBuild: 'buildOn',
  buildOnTarget: 'buildOn',
  ignoreUnit: 'ignoreUnits',
  sudo: 'elevate',
  privilegeEscalationCommand: 'elevate',
};

function refuseUnknown(
  set: Readonly<Record<string, unknown>>,
  place: string,
  known: readonly string[],
  problems: Problem<'bad-argument'>[],
): void {
  for (const name of Object.keys(set).filter((one) => !known.includes(one))) {
    const next = nextFor(name, place, known);
    problems.push({
      code: 'bad-argument',
      argument: place,
      expected: known.length > 6 ? 'only settings that flurry knows' : `only ${known.join(' and ')}`,
      found: name,
      ...(next !== undefined && { next }),
    });
  }
}

function nextFor(name: string, place: string, known: readonly string[]): string | undefined {
  const option = inFlake.find((one) => settingOf(one) === name);
  if (option !== undefined && isLimit(option) && known.includes('limits')) return `did you mean limits.${name}?`;
  if (option?.inFlake === 'run') return `it is for all hosts: write flurry.defaults.${name}`;
  if (place === 'flurry.defaults' && Object.hasOwn(oneHost, name))
    return 'it is of one host: write it in flurry.hosts.<name>';
  const [near] = nearNames(name, known);
  const instead = meant[name] ?? near;
  return instead !== undefined && known.includes(instead) ? `did you mean ${instead}?` : undefined;
}

function badName(place: string, found: string): Problem<'bad-argument'> {
  const expected = 'a name that can be typed as a destination: letters, digits, _ - and single dots, and not local';
  return { code: 'bad-argument', argument: place, expected, found, next: 'the address may be another: address = "…"' };
}

function refuseMissing(
  configuration: string,
  place: string,
  existing: readonly string[],
  places: Said['places'],
  problems: Problem<'bad-argument'>[],
): void {
  if (existing.includes(configuration)) return;
  const [near] = nearNames(configuration, existing);
  const named = places.get('configuration');
  problems.push({
    code: 'bad-argument',
    argument: named ?? place,
    expected: `${named === undefined ? 'named like' : 'the name of'} one of the nixosConfigurations`,
    found: configuration,
    next:
      near === undefined
        ? named === undefined
          ? 'say which is its: configuration = "…"'
          : `the flake has ${existing.slice(0, 5).join(', ')}${existing.length > 5 ? ' and others' : ''}`
        : named === undefined
          ? `did you mean ${near}? Or say configuration = "${near}"`
          : `did you mean ${near}?`,
  });
}

function attribute(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : JSON.stringify(name);
}
