import * as z from 'zod';
import { type Check, type CheckKind, checkKinds, type Probe } from '../../core/check.ts';
import { nearNames } from '../../core/explain/near-names.ts';
import { duration } from '../../core/explain/quantity.ts';
import type { Problem } from '../../core/problem.ts';
import { ofEveryCheck, ofKind } from './check-settings.ts';
import { attribute, isSet } from './nix-text.ts';
import { badAt, problemsAt } from './nix-values.ts';

type Problems = Problem<'bad-argument'>[];
type Set = Readonly<Record<string, unknown>>;

/** A check as the flake declares it, and where; `off`: one that is not to be made. */
export interface Declared {
  readonly check: Check | 'off';
  readonly place: string;
}

/** Reads the set of checks at a place, by their names; what cannot be read is among the problems, and left out. */
export function readChecks(value: unknown, place: string, problems: Problems): ReadonlyMap<string, Declared> {
  const read = new Map<string, Declared>();
  if (!isSet(value)) {
    problems.push(badAt(place, value, { expected: 'a set', next: 'like checks.site = { http = "https://…"; };' }));
    return read;
  }
  for (const [name, one] of Object.entries(value)) {
    const at = `${place}.${attribute(name)}`;
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(name)) {
      problems.push(badAt(at, name, { expected: 'a name of letters, digits, _ . and -, 64 at most' }));
    }
    const check = readCheck(name, one, at, problems);
    if (check !== undefined) read.set(name, { check, place: at });
  }
  return read;
}

/** Gives the checks that are to be made, as a plan has them: nothing where there are none. */
export function checksOf(declared: ReadonlyMap<string, Declared>): { readonly checks?: readonly Check[] } {
  const checks = [...declared.values()].flatMap(({ check }) => (check === 'off' ? [] : [check]));
  return checks.length > 0 ? { checks } : {};
}

const common = z.object(ofEveryCheck);
const kinds = {
  unit: common.extend(ofKind.unit),
  command: common.extend(ofKind.command),
  http: common.extend(ofKind.http),
  tcp: common.extend(ofKind.tcp),
  ping: common.extend(ofKind.ping),
};

function readCheck(name: string, value: unknown, place: string, problems: Problems): Check | 'off' | undefined {
  if (!isSet(value)) {
    problems.push(badAt(place, value, { expected: 'a set, like { unit = "nginx.service"; }' }));
    return undefined;
  }
  const named = checkKinds.filter((kind) => Object.hasOwn(value, kind));
  const [kind, ...others] = named;
  if (kind === undefined && value['enable'] === false && Object.keys(value).length === 1) return 'off';
  problems.push(...strangers(value, named, place));
  if (kind === undefined || others.length > 0) {
    problems.push(kindProblem(value, named, place));
    return undefined;
  }
  const schema = kinds[kind];
  const known = Object.fromEntries(Object.entries(value).filter(([key]) => key in schema.shape));
  const judged = schema.safeParse(known);
  if (!judged.success) {
    problems.push(...problemsAt(place, value, judged.error));
    return undefined;
  }
  const probe = probeOf(kind, known);
  const { enable, when, startDelay, period, timeout, retries } = judged.data;
  const { tryTimeout = Math.min(timeout, longestTryMs) } = judged.data;
  const pace = { startDelayMs: startDelay, periodMs: period, tryTimeoutMs: tryTimeout, timeoutMs: timeout };
  const check = { name, when, probe, ...pace, ...(retries !== undefined && { retries }) };
  problems.push(...paceProblems(check, place));
  return enable ? check : 'off';
}

/** Unless it is said otherwise. */
const longestTryMs = 5000;

function probeOf(kind: CheckKind, value: Set): Probe {
  switch (kind) {
    case 'unit': {
      const { unit, activeFor } = kinds.unit.parse(value);
      return { kind, unit, activeForMs: activeFor };
    }
    case 'command':
      return { kind, command: kinds.command.parse(value).command };
    case 'http': {
      const { http: url, from, status, body, tls } = kinds.http.parse(value);
      return { kind, url, from, status, tls, ...(body !== undefined && { body }) };
    }
    case 'tcp': {
      const { tcp, from } = kinds.tcp.parse(value);
      return { kind, ...tcp, from };
    }
    case 'ping':
      return { kind, address: kinds.ping.parse(value).ping };
  }
}

function kindProblem(value: Set, named: readonly CheckKind[], place: string): Problem<'bad-argument'> {
  const expected = `exactly one of ${checkKinds.join(', ')}`;
  if (named.length > 1) {
    const next = 'make a check of each';
    return badAt(place, undefined, { expected, foundWords: named.join(' and '), next });
  }
  const meant = Object.keys(value).map((key) => meantBy(key, checkKinds));
  const near = meant.find((key) => key !== undefined);
  const next =
    near === undefined ? 'a check of a host takes the place of that of all hosts, whole' : `did you mean ${near}?`;
  return badAt(place, undefined, { expected, foundWords: 'none', next });
}

/** Settings that mean nothing in a check, and those of checks of another kind. */
function strangers(value: Set, named: readonly CheckKind[], place: string): Problems {
  const everywhere = Object.keys(ofEveryCheck);
  const ofThese = (named.length === 0 ? checkKinds : named).flatMap((kind) => namesOf(kind));
  const fitting = [...new Set([...everywhere, ...ofThese])];
  return Object.keys(value)
    .filter((key) => !fitting.includes(key))
    .map((key) => {
      const at = `${place}.${attribute(key)}`;
      const home = checkKinds.filter((kind) => namesOf(kind).includes(key));
      if (home.length > 0) {
        const expected = `left out: it belongs to checks by ${home.join(' or ')}`;
        return badAt(at, value[key], { expected });
      }
      const near = meantBy(key, fitting);
      const next = near === undefined ? `there are ${fitting.join(', ')}` : `did you mean ${near}?`;
      return badAt(at, undefined, { expected: 'a setting of a check', foundWords: 'none of that name', next });
    });
}

function namesOf(kind: CheckKind): readonly string[] {
  return Object.keys(ofKind[kind]);
}

function meantBy(key: string, known: readonly string[]): string | undefined {
  return [synonyms.get(key), ...nearNames(key, known)].find((one) => one !== undefined && known.includes(one));
}

/** What it is called elsewhere. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ...['url', 'https', 'uri', 'endpoint'].map((name) => [name, 'http'] as const),
  ...['cmd', 'exec', 'script', 'run'].map((name) => [name, 'command'] as const),
  ...['service', 'systemd'].map((name) => [name, 'unit'] as const),
  ...['port', 'connect'].map((name) => [name, 'tcp'] as const),
  ...['icmp', 'address'].map((name) => [name, 'ping'] as const),
  ...['interval', 'every'].map((name) => [name, 'period'] as const),
  ...['delay', 'initialDelay'].map((name) => [name, 'startDelay'] as const),
  ...['code', 'statusCode', 'expect'].map((name) => [name, 'status'] as const),
  ...['contains', 'match'].map((name) => [name, 'body'] as const),
]);

/** Times that leave no room for what they are about. */
function paceProblems({ probe, tryTimeoutMs, startDelayMs, timeoutMs }: Check, place: string): Problems {
  const problem = (setting: string, expected: string, milliseconds: number): Problem<'bad-argument'> =>
    badAt(`${place}.${setting}`, undefined, {
      expected: `${expected} timeout, ${duration(timeoutMs)}`,
      foundWords: duration(milliseconds),
      next: `write timeout = "…" with more time, or a shorter ${setting}`,
    });
  const activeForMs = probe.kind === 'unit' ? probe.activeForMs : 0;
  return [
    ...(tryTimeoutMs > timeoutMs ? [problem('tryTimeout', 'at most', tryTimeoutMs)] : []),
    ...(startDelayMs >= timeoutMs ? [problem('startDelay', 'less than', startDelayMs)] : []),
    ...(activeForMs >= timeoutMs ? [problem('activeFor', 'less than', activeForMs)] : []),
  ];
}
