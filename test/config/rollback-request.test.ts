import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readRollbackRequest } from '../../src/config/read-request.ts';
import { defaultLimits } from '../../src/core/limits.ts';

function requestOf(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const line = readCommandLine(['rollback', ...argv]);
  return readRollbackRequest({ ...line, settings: gatherSettings('rollback', line.flags, environment) });
}

function aimOf(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const request = requestOf(argv, environment);
  assert.ok(!('code' in request), JSON.stringify(request));
  return request.aim;
}

function problemsOf(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const request = requestOf(argv, environment);
  assert.ok('code' in request, 'a problem');
  return request.problems.map(({ argument, expected, found, next }) => [argument, expected, found, next ?? null]);
}

test('a destination alone asks for a promotion of what was replaced, with the defaults of a deploy', () => {
  assert.deepEqual(requestOf(['root@web1']), {
    verb: 'rollback',
    hosts: [
      {
        host: {
          ...{ name: 'web1', address: 'web1', user: 'root' },
          reach: { sshOptions: [], connectTimeout: 'default', transport: 'auto', elevate: 'auto' },
        },
        goal: 'promote',
        gates: { ignoreUnits: [], degraded: 'refuse' },
        limits: defaultLimits,
        policies: {
          onUnitFailure: 'rollback',
          onCheckFailure: 'rollback',
          ifRollbackFails: 'hold',
          confirm: 'auto',
          together: 'each-alone',
        },
        reboots: { reboot: 'never', onInhibitor: 'refuse' },
        buildOn: 'target',
      },
    ],
    typed: new Map([['web1', 'root@web1']]),
    fleet: 'none',
    parallel: 10,
    elevatePassword: { kind: 'none' },
    parallelConnects: 32,
    output: 'auto',
    verbosity: 'normal',
    goal: 'promote',
    rollout: {
      ...{ kind: 'all-at-once', waves: [['web1']], dependencies: [], unreachable: 'fail' },
      ...{ maxFailures: { number: 0, unit: 'hosts' }, pause: { kind: 'none' } },
    },
    aim: { kind: 'replaced' },
  });
});

test('the options of the transaction reach the request', () => {
  const argv =
    'web1 web2 --to-rev CAFE --goal test --unreachable stop --waves 1,2 --pause ask --max-failures 1 --ignore-unit a.service --allow-degraded ' +
    '--pre-activate-script bin/check --confirm ask --on-unit-failure warn --if-rollback-fails reboot --unattended-boot ' +
    '--settle 0s --activation-timeout 7s -p 3 -o json -q';
  const request = requestOf(argv.split(' '));
  assert.ok(!('code' in request), JSON.stringify(request));
  const { hosts, typed: _, ...rest } = request;
  assert.deepEqual(
    hosts.map(({ host }) => host.name),
    ['web1', 'web2'],
  );
  const [first] = hosts;
  assert.ok(first !== undefined, 'a host');
  const { host: _host, ...wished } = first;
  assert.deepEqual(wished, {
    goal: 'test',
    gates: { ignoreUnits: ['a.service'], degraded: 'allow' },
    limits: { ...defaultLimits, settleMs: 0, activationTimeoutMs: 7000 },
    selfCheck: 'bin/check',
    policies: {
      confirm: 'ask',
      onUnitFailure: 'warn',
      onCheckFailure: 'rollback',
      ifRollbackFails: 'reboot',
      together: 'each-alone',
    },
    reboots: { reboot: 'never', onInhibitor: 'refuse' },
    buildOn: 'target',
  });
  assert.deepEqual(rest, {
    verb: 'rollback',
    aim: { kind: 'revision', rev: 'cafe' },
    goal: 'test',
    rollout: {
      ...{ kind: 'waves', waves: [['web1'], ['web2']], dependencies: [], unreachable: 'stop' },
      ...{ maxFailures: { number: 1, unit: 'hosts' }, pause: { kind: 'ask' } },
    },
    parallel: 3,
    elevatePassword: { kind: 'none' },
    parallelConnects: 32,
    fleet: 'none',
    output: 'json',
    verbosity: 'quiet',
  });
});

test('a generation is a number, a revision its first digits', () => {
  assert.deepEqual(aimOf(['web1', '--to', '12']), { kind: 'generation', number: 12 });
  assert.deepEqual(aimOf(['web1'], { FLURRY_TO_REV: '1a2b3c4' }), { kind: 'revision', rev: '1a2b3c4' });
});

const several = 'several hosts go back together only to a revision: add --to-rev REV, or roll them back one by one';
const refused: readonly (readonly [string, readonly string[], readonly (string | null)[]])[] = [
  [
    'two hosts, each to what it replaced last, is not meant as one thing',
    ['web1', 'web2'],
    [
      'flurry rollback',
      'followed by one host, or by several and --to-rev: what each of them replaced may differ',
      'several hosts',
      several,
    ],
  ],
  [
    'one number for two hosts stands for two systems',
    ['web1', 'web2', '--to', '3'],
    ['--to', 'given for one host: the same number is another system on each host', 'several hosts', several],
  ],
  [
    'a generation and a revision are not asked for together',
    ['web1', '--to', '3', '--to-rev', 'cafe'],
    ['--to-rev', 'given without --to: a generation or a revision, not both', 'cafe', null],
  ],
  ['generations are counted from 1', ['web1', '--to', '0'], ['--to', 'a whole number from 1 to 999999999', '0', null]],
  [
    'three digits of a revision are too few',
    ['web1', '--to-rev', 'caf'],
    ['--to-rev', 'a revision: 4 to 40 hex digits', 'caf', null],
  ],
  [
    'a branch is no revision',
    ['web1', '--to-rev', 'main'],
    ['--to-rev', 'a revision: 4 to 40 hex digits', 'main', null],
  ],
  [
    'there is nothing to build',
    ['web1', '--goal', 'build'],
    ['--goal', 'one of dry-activate, test, boot, promote', 'build', null],
  ],
  [
    'where something is built is not known: nothing is',
    ['web1', '--build-on', 'local'],
    ['each option', 'one that flurry rollback knows', '--build-on', '--build-on belongs to flurry deploy, plan'],
  ],
  [
    'there is nothing for Nix',
    ['web1', '--', '--refresh'],
    ['--', 'nothing: rollback runs no Nix', 'arguments for Nix', null],
  ],
];

for (const [title, argv, problem] of refused) {
  test(title, () => {
    assert.deepEqual(problemsOf(argv), [problem]);
  });
}
