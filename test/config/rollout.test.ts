import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { problemText } from '../../src/cli/tell.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readDeployRequest, readRollbackRequest } from '../../src/config/read-request.ts';

type Hosts = Readonly<Record<string, readonly string[]>>;

/** What is read of a command line, where the flake says what hosts depend on. */
function read(argv: string, hosts: Hosts = {}, defaults: object = {}) {
  const line = readCommandLine(argv.split(' '));
  const flurry = {
    defaults,
    hosts: Object.fromEntries(Object.entries(hosts).map(([name, dependsOn]) => [name, { dependsOn }])),
  };
  const settings = gatherSettings(line.verb, line.flags, {});
  const fleet = readFleet(flurry, Object.keys(hosts));
  return line.verb === 'rollback'
    ? readRollbackRequest({ ...line, settings }, fleet)
    : readDeployRequest({ ...line, settings }, fleet);
}

function rolloutOf(...given: Parameters<typeof read>) {
  const request = read(...given);
  assert.ok(!('code' in request), JSON.stringify(request));
  return request.rollout;
}

function saidOf(...given: Parameters<typeof read>): string {
  const request = read(...given);
  return 'code' in request ? problemText(request) : '';
}

const many = (number: number): Hosts =>
  Object.fromEntries(Array.from({ length: number }, (_, index) => [`h${String(index + 1).padStart(2, '0')}`, []]));
const typed = (hosts: Hosts) => Object.keys(hosts).join(' ');

const counts: readonly (readonly [steps: string, hosts: number, waves: readonly number[]])[] = [
  ['1,25%,100%', 60, [1, 14, 45]],
  ['1,25%,100%', 3, [1, 2]],
  ['1,25%,100%', 1, [1]],
  ['1,25%,100%', 5, [1, 1, 3]],
  ['10%,50%,100%', 5, [1, 2, 2]],
  ['2,100%', 2, [2]],
  ['1,3,6', 6, [1, 2, 3]],
  ['1,3,20', 6, [1, 2, 3]],
  ['10,50%,100%', 12, [10, 2]],
  ['100%', 4, [4]],
];

describe('steps are so many hosts in all, shares rounded up; one that adds no host makes no wave', () => {
  for (const [steps, hosts, waves] of counts) {
    test(`${steps} of ${hosts}: ${waves.join(', ')}`, () => {
      const rollout = rolloutOf(`${typed(many(hosts))} --waves ${steps}`, many(hosts));
      assert.deepEqual(
        rollout.waves.map(({ length }) => length),
        waves,
      );
    });
  }
});

test('hosts are in waves in the order in which they were chosen, and what a host depends on is in no later one', () => {
  const hosts = { web1: ['db1'], web2: ['db1', 'cache1'], cache1: ['db1'], db1: [] };
  assert.deepEqual(rolloutOf('web2 web1 db1 cache1 --waves 1,2,100%', hosts).waves, [
    ['db1'],
    ['cache1'],
    ['web2', 'web1'],
  ]);
  assert.deepEqual(rolloutOf('db1 web1 cache1 --waves 1,100%', hosts).waves, [['db1'], ['web1', 'cache1']]);
});

test('a dependency that was not chosen is told apart, and is not waited for', () => {
  const hosts = { web1: ['db1', 'cache1'], db1: [], cache1: [] };
  const { kind, waves, dependencies } = rolloutOf('web1 cache1', hosts);
  assert.deepEqual([kind, waves], ['all-at-once', [['cache1', 'web1']]]);
  assert.deepEqual(dependencies, [{ host: 'web1', on: ['cache1'], elsewhere: ['db1'] }]);
});

test('what the flake says of waves holds for a run; 100% on the command line is no wave at all', () => {
  const defaults = { waves: '1,100%', pause: '5m', maxFailures: '10%' };
  const { kind, waves, pause, maxFailures } = rolloutOf('h01 h02', many(2), defaults);
  assert.deepEqual([kind, waves], ['waves', [['h01'], ['h02']]]);
  assert.deepEqual(
    [pause, maxFailures],
    [
      { kind: 'time', milliseconds: 300_000 },
      { number: 10, unit: 'percent' },
    ],
  );
  assert.deepEqual(rolloutOf('h01 h02 --waves 100%', many(2), defaults).waves, [['h01', 'h02']]);
});

test('a pause that the flake wishes is none without waves, at 0s, and where nothing is changed', () => {
  assert.deepEqual(saidOf('h01 h02', many(2), { pause: '5m', maxFailures: '1' }), '');
  const defaults = { waves: '1,100%', pause: '5m' };
  assert.deepEqual(rolloutOf('h01 h02 --pause 0s', many(2), defaults).pause, { kind: 'none' });
  assert.deepEqual(rolloutOf('h01 h02 --goal build', many(2), defaults).pause, { kind: 'none' });
  assert.deepEqual(rolloutOf('h01 h02 --goal boot', many(2), defaults).pause, { kind: 'time', milliseconds: 300_000 });
});

test('a rollback goes in waves as well', () => {
  const { waves, pause } = rolloutOf('rollback h01 h02 --to-rev cafe --waves 1,100% --pause ask', many(2));
  assert.deepEqual([waves, pause], [[['h01'], ['h02']], { kind: 'ask' }]);
});

const stepsExpected = 'numbers of hosts, or shares of them from 1% to 100%, like 1,25%,100%';
const timeExpected = 'ask, or a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m';
const refused: readonly (readonly [words: string, said: string])[] = [
  ['--waves 1,25%', 'flurry: --waves must be steps that end at all hosts, found "1,25%"\n  add 100%: 1,25%,100%\n'],
  ['--waves 1,2', 'flurry: --waves must be steps that end at all hosts, found "1,2"\n  add 100%: 1,2,100%\n'],
  ['--waves 5,3,100%', 'flurry: --waves must be steps that grow: each is so many hosts in all, found "5,3,100%"\n'],
  ['--waves 1,1,100%', 'flurry: --waves must be steps that grow: each is so many hosts in all, found "1,1,100%"\n'],
  [
    '--waves 50%,25%,100%',
    'flurry: --waves must be steps that grow: each is so many hosts in all, found "50%,25%,100%"\n',
  ],
  ['--waves 0,100%', `flurry: --waves must be ${stepsExpected}, found "0"\n`],
  ['--waves 0%,100%', `flurry: --waves must be ${stepsExpected}, found "0%"\n`],
  ['--waves 1,101%', `flurry: --waves must be ${stepsExpected}, found "101%"\n`],
  ['--waves 1,,100%', `flurry: --waves must be ${stepsExpected}, found nothing\n`],
  ['--waves one,100%', `flurry: --waves must be ${stepsExpected}, found "one"\n`],
  ['--waves 12.5%,100%', `flurry: --waves must be ${stepsExpected}, found "12.5%"\n`],
  ['--waves 100% --pause 5', `flurry: --pause must be ${timeExpected}, found "5"\n  did you mean 5s?\n`],
  ['--waves 100% --pause no', `flurry: --pause must be ${timeExpected}, found "no"\n`],
  [
    '--waves 100% --max-failures x',
    'flurry: --max-failures must be a number of hosts, or a share of them like 10%, found "x"\n',
  ],
  [
    '--pause 5m',
    'flurry: --pause must be given together with --waves: it is about what comes between them, found "5 min"\n',
  ],
  [
    '--max-failures 10%',
    'flurry: --max-failures must be given together with --waves: it is about what comes between them, found "10%"\n',
  ],
];

describe('what is no order to go in is exit 2', () => {
  for (const [words, said] of refused) {
    test(words, () => assert.equal(saidOf(`h01 h02 h03 ${words}`, many(3)), said));
  }
});

test('steps that end at a share which is not all are refused however few hosts there are', () => {
  const said = 'flurry: --waves must be steps that end at all hosts, found "1,25%"\n  add 100%: 1,25%,100%\n';
  assert.equal(saidOf('h01 --waves 1,25%', many(1)), said);
});

test('a host and what it depends on cannot change together; in different waves they do not', () => {
  const hosts = { db1: [], web1: ['db1'], web2: [] };
  const said = (inWave: string) =>
    `flurry: --all-or-nothing must be given where no host depends on one that changes together with it, found web1, which depends on db1${inWave}\n` +
    '  leave it away, deploy db1 before, or put db1 into an earlier wave: --waves\n';
  assert.equal(saidOf('db1 web1 --all-or-nothing', hosts), said(''));
  assert.equal(saidOf('db1 web1 web2 --all-or-nothing --waves 2,100%', hosts), said(' and is in the same wave'));
  assert.equal(saidOf('db1 web1 web2 --all-or-nothing --waves 1,100%', hosts), '');
  assert.equal(saidOf('web1 web2 --all-or-nothing', hosts), '');
});

const cycles: readonly (readonly [title: string, hosts: Hosts, said: string])[] = [
  [
    'itself',
    { a: ['a'], b: [] },
    'flurry: flurry.hosts.a.dependsOn must be free of cycles, found a → a\n' +
      '  each would wait for the other: leave out one of these dependencies\n',
  ],
  [
    'two hosts',
    { a: ['b'], b: ['a'], c: ['a'] },
    'flurry: flurry.hosts.a.dependsOn must be free of cycles, found a → b → a\n' +
      '  each would wait for the other: leave out one of these dependencies\n',
  ],
  [
    'three hosts, which a fourth leads into',
    { a: ['b'], b: ['c'], c: ['d'], d: ['b'] },
    'flurry: flurry.hosts.b.dependsOn must be free of cycles, found b → c → d → b\n' +
      '  each would wait for the other: leave out one of these dependencies\n',
  ],
];

describe('a cycle is told as the way round it, once, whoever was chosen', () => {
  for (const [title, hosts, said] of cycles)
    test(title, () => assert.equal(saidOf(Object.keys(hosts).slice(-1).join(' '), hosts), said));
});

test('a dependency on no host of the flake is told with what was probably meant', () => {
  assert.equal(
    saidOf('web1', { web1: ['db2', 'cach'], db1: [], cache: [] }),
    'flurry: flurry.hosts.web1.dependsOn[0] must be the name of a host, found "db2"\n  did you mean db1?\n' +
      'flurry: flurry.hosts.web1.dependsOn[1] must be the name of a host, found "cach"\n  did you mean cache?\n',
  );
});
