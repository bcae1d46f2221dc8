import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Problem } from '../../src/core/problem.ts';
import {
  type Amount,
  type Dependency,
  type Next,
  nextIn,
  type Rollout,
  type Standing,
} from '../../src/core/rollout.ts';

/** What becomes of a host that is started: it is well unless told. */
type Fate = 'fails' | 'away';

interface Case {
  readonly title: string;
  /** `a | b c`: waves. */
  readonly waves: string;
  readonly fates?: Readonly<Record<string, Fate>>;
  readonly unreachable?: Rollout['unreachable'];
  /** `2` or `10%`; 0 unless told. */
  readonly max?: string;
  /** `b: a` for each host that depends on others. */
  readonly dependsOn?: Readonly<Record<string, string>>;
  /** What starts, wave after wave, and who is skipped and why. */
  readonly ends: readonly string[];
}

const table: readonly Case[] = [
  {
    title: 'all are well: one wave after the other',
    waves: 'a | b c | d e f',
    ends: ['1: a', '2: b c', '3: d e f'],
  },
  {
    title: 'a canary that fails stops all waves behind it',
    waves: 'a | b c | d e f',
    fates: { a: 'fails' },
    ends: ['1: a', 'b c d e f: after 1 of 3, failed a of 1, allowed 0'],
  },
  {
    title: 'the others of its wave are not stopped by one that fails',
    waves: 'a | b c | d e f',
    fates: { b: 'fails' },
    ends: ['1: a', '2: b c', 'd e f: after 2 of 3, failed b of 3, allowed 0'],
  },
  {
    title: 'a failure in the last wave stops nobody',
    waves: 'a | b c',
    fates: { c: 'fails' },
    ends: ['1: a', '2: b c'],
  },
  {
    title: 'as many failures as are allowed stop nobody',
    waves: 'a | b c | d e f',
    fates: { a: 'fails' },
    max: '1',
    ends: ['1: a', '2: b c', '3: d e f'],
  },
  {
    title: 'failures of all waves count together',
    waves: 'a | b c | d e f',
    fates: { a: 'fails', c: 'fails' },
    max: '1',
    ends: ['1: a', '2: b c', 'd e f: after 2 of 3, failed a c of 3, allowed 1'],
  },
  {
    title: 'a share is one of the hosts that were started until then',
    waves: 'a b c d | e f g h | i',
    fates: { a: 'fails', e: 'fails', f: 'fails' },
    max: '25%',
    ends: ['1: a b c d', '2: e f g h', 'i: after 2 of 3, failed a e f of 8, allowed 25%'],
  },
  {
    title: 'a share that is just reached is not more than it',
    waves: 'a b c d | e',
    fates: { a: 'fails' },
    max: '25%',
    ends: ['1: a b c d', '2: e'],
  },
  {
    title: 'of a canary alone any share is less than all',
    waves: 'a | b c',
    fates: { a: 'fails' },
    max: '99%',
    ends: ['1: a', 'b c: after 1 of 2, failed a of 1, allowed 99%'],
  },
  {
    title: 'with 100% nothing stops',
    waves: 'a | b c',
    fates: { a: 'fails', b: 'fails' },
    max: '100%',
    ends: ['1: a', '2: b c'],
  },
  {
    title: 'unreachable fail: a host out of reach is a failure',
    waves: 'a b | c d',
    fates: { b: 'away' },
    ends: ['1: a b', 'c d: after 1 of 2, failed b of 2, allowed 0'],
  },
  {
    title: 'unreachable fail: and one that may be among those allowed',
    waves: 'a b | c d',
    fates: { b: 'away' },
    max: '1',
    ends: ['1: a b', '2: c d'],
  },
  {
    title: 'unreachable skip: a host out of reach is no failure',
    waves: 'a b | c d',
    fates: { b: 'away' },
    unreachable: 'skip',
    ends: ['1: a b', '2: c d'],
  },
  {
    title: 'unreachable skip: nor was it started, where a share is counted',
    waves: 'a b c | d',
    fates: { a: 'fails', b: 'away', c: 'away' },
    unreachable: 'skip',
    max: '50%',
    ends: ['1: a b c', 'd: after 1 of 2, failed a of 1, allowed 50%'],
  },
  {
    title: 'unreachable skip: a canary out of reach lets the next wave go on without one',
    waves: 'a | b c',
    fates: { a: 'away' },
    unreachable: 'skip',
    ends: ['1: a', '2: b c'],
  },
  {
    title: 'unreachable skip: what fails counts as ever',
    waves: 'a b | c d',
    fates: { a: 'fails', b: 'away' },
    unreachable: 'skip',
    ends: ['1: a b', 'c d: after 1 of 2, failed a of 1, allowed 0'],
  },
  {
    title: 'unreachable stop: one of the last wave stops all before the first begins',
    waves: 'a | b c | d e f',
    fates: { f: 'away' },
    unreachable: 'stop',
    ends: ['a b c d e: f is out of reach'],
  },
  {
    title: 'unreachable stop: whatever may fail, all must be in reach',
    waves: 'a | b c',
    fates: { c: 'away' },
    unreachable: 'stop',
    max: '100%',
    ends: ['a b: c is out of reach'],
  },
  {
    title: 'unreachable stop: where all are in reach, the waves go on as ever',
    waves: 'a | b c | d',
    fates: { b: 'fails' },
    unreachable: 'stop',
    ends: ['1: a', '2: b c', 'd: after 2 of 3, failed b of 3, allowed 0'],
  },
  {
    title: 'without waves a failure stops nobody',
    waves: 'a b c',
    fates: { a: 'fails' },
    ends: ['1: a b c'],
  },
  {
    title: 'a host starts when all that it depends on are well',
    waves: 'a b c',
    dependsOn: { b: 'a', c: 'a b' },
    ends: ['1: a', '1: b', '1: c'],
  },
  {
    title: 'a host whose dependency fails is skipped, and so is what depends on it; the others are not',
    waves: 'a b c d',
    fates: { a: 'fails' },
    dependsOn: { b: 'a', c: 'b' },
    ends: ['1: a d', 'b: a failed', 'c: b not-started'],
  },
  {
    title: 'a host that depends on one that was left out is skipped',
    waves: 'a | b c',
    fates: { a: 'away' },
    unreachable: 'skip',
    dependsOn: { b: 'a' },
    ends: ['1: a', 'b: a left-out', '2: c'],
  },
  {
    title: 'a host that is skipped for its dependency is none of the failures',
    waves: 'a b | c',
    fates: { a: 'fails' },
    max: '1',
    dependsOn: { b: 'a' },
    ends: ['1: a', 'b: a failed', '2: c'],
  },
  {
    title: 'a wave whose hosts are all skipped is passed over',
    waves: 'a | b | c',
    fates: { a: 'fails' },
    max: '1',
    dependsOn: { b: 'a' },
    ends: ['1: a', 'b: a failed', '3: c'],
  },
];

describe('what happens next in a run: waves × unreachable × failures that are allowed, and dependencies', () => {
  for (const one of table) test(one.title, () => assert.deepEqual(played(one), one.ends));
});

test('while hosts are dialled that must all be in reach, nothing starts and nobody is skipped', () => {
  const rollout = rolloutOf({ waves: 'a | b c', unreachable: 'stop' });
  const standings = new Map<string, Standing>([
    ['a', 'waiting'],
    ['b', 'unreachable'],
    ['c', 'dialling'],
  ]);
  assert.deepEqual(nextIn(rollout, standings), { wave: 0, start: [], skip: [] });
});

test('a host that failed before its wave began counts from then on', () => {
  const rollout = rolloutOf({ waves: 'a | b | c' });
  const standings = new Map<string, Standing>([['b', 'failed']]);
  assert.deepEqual(nextIn(rollout, standings), { wave: 1, start: ['a'], skip: [] });
  const problem = { code: 'wave-stopped', after: 2, of: 3, failed: ['b'], started: 2, allowed: '0' };
  const later = nextIn(rollout, new Map([...standings, ['a', 'well']]));
  assert.deepEqual(later, { wave: 'over', start: [], skip: [{ host: 'c', problem }] });
});

test('all that depends on a host that failed is skipped at once, and a wave of such hosts is passed over', () => {
  const rollout = rolloutOf({ waves: 'a | b c | d', max: '1', dependsOn: { b: 'a', c: 'b' } });
  assert.deepEqual(nextIn(rollout, new Map([['a', 'failed']])), {
    wave: 3,
    start: ['d'],
    skip: [
      { host: 'b', problem: { code: 'dependency-failed', on: 'a', ended: 'failed' } },
      { host: 'c', problem: { code: 'dependency-failed', on: 'b', ended: 'not-started' } },
    ],
  });
});

test('what depends on a host that was skipped before is skipped', () => {
  const rollout = rolloutOf({ waves: 'a b', dependsOn: { b: 'a' } });
  const problem = { code: 'dependency-failed', on: 'a', ended: 'not-started' };
  assert.deepEqual(nextIn(rollout, new Map([['a', 'skipped']])).skip, [{ host: 'b', problem }]);
});

test('unreachable stop: a host that is out of reach only when its wave begins has failed', () => {
  const rollout = rolloutOf({ waves: 'a | b | c', unreachable: 'stop' });
  const standings = new Map<string, Standing>([
    ['a', 'well'],
    ['b', 'unreachable'],
  ]);
  const problem = { code: 'wave-stopped', after: 2, of: 3, failed: ['b'], started: 2, allowed: '0' };
  assert.deepEqual(nextIn(rollout, standings).skip, [{ host: 'c', problem }]);
});

/** Plays a run: each host that starts ends as is its fate, before anything else is decided. */
function played(one: Omit<Case, 'title' | 'ends'>): readonly string[] {
  const rollout = rolloutOf(one);
  const { fates = {} } = one;
  const endOf = (host: string): Standing => {
    const fate = fates[host];
    return fate === undefined ? 'well' : ({ fails: 'failed', away: 'unreachable' } as const)[fate];
  };
  const standings = new Map<string, Standing>();
  if (rollout.unreachable === 'stop')
    for (const host of rollout.waves.flat()) standings.set(host, fates[host] === 'away' ? 'unreachable' : 'waiting');
  const said: string[] = [];
  for (;;) {
    const next = nextIn(rollout, standings);
    for (const { host } of next.skip) standings.set(host, 'skipped');
    for (const host of next.start) standings.set(host, endOf(host));
    said.push(...skippedIn(next));
    if (next.start.length > 0) said.push(`${next.wave}: ${next.start.join(' ')}`);
    if (next.wave === 'over') return said;
    if (next.start.length + next.skip.length === 0) return [...said, 'stuck'];
  }
}

/** Those that are skipped for the same reason together. */
function skippedIn({ skip }: Next): readonly string[] {
  const reasons = new Map<string, readonly string[]>();
  for (const { host, problem } of skip)
    reasons.set(reasonOf(problem), [...(reasons.get(reasonOf(problem)) ?? []), host]);
  return [...reasons].map(([reason, hosts]) => `${hosts.join(' ')}: ${reason}`);
}

function reasonOf(problem: Problem): string {
  switch (problem.code) {
    case 'wave-stopped': {
      const { after, of, failed, started, allowed } = problem;
      return `after ${after} of ${of}, failed ${failed.join(' ')} of ${started}, allowed ${allowed}`;
    }
    case 'dependency-failed':
      return `${problem.on} ${problem.ended}`;
    case 'stopped':
      return `${problem.unreachable} is out of reach`;
    default:
      return problem.code;
  }
}

function rolloutOf({ waves, unreachable = 'fail', max = '0', dependsOn = {} }: Omit<Case, 'title' | 'ends'>): Rollout {
  const words = (text: string) => text.split(' ').filter((word) => word !== '');
  const maxFailures: Amount = { number: Number.parseInt(max, 10), unit: max.endsWith('%') ? 'percent' : 'hosts' };
  const dependencies = Object.entries(dependsOn).map(
    ([host, on]): Dependency => ({ host, on: words(on), elsewhere: [] }),
  );
  return {
    kind: 'waves',
    waves: waves.split('|').map(words),
    dependencies,
    unreachable,
    maxFailures,
    pause: { kind: 'none' },
  };
}
