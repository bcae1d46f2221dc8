import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { options } from '../../src/config/options.ts';
import { readReleaseRequest } from '../../src/config/read-flake-request.ts';
import {
  readCheckRequest,
  readDeployRequest,
  readHistoryRequest,
  readHostsRequest,
} from '../../src/config/read-request.ts';
import { defaultLimits } from '../../src/core/limits.ts';

const reach = { sshOptions: [], connectTimeout: 'default', transport: 'auto', elevate: 'auto' } as const;
const atOnce = {
  ...{ kind: 'all-at-once', dependencies: [], unreachable: 'fail' },
  ...{ maxFailures: { number: 0, unit: 'hosts' }, pause: { kind: 'none' } },
} as const;
const byDefault = { elevatePassword: { kind: 'none' }, parallelConnects: 32, fleet: 'none' } as const;

function deployRequest(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const line = readCommandLine(argv);
  return readDeployRequest({ ...line, settings: gatherSettings('deploy', line.flags, environment) });
}

function releaseRequest(argv: readonly string[]) {
  const line = readCommandLine(argv);
  return readReleaseRequest({ ...line, settings: gatherSettings('deploy', line.flags, {}) });
}

function checkRequest(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const line = readCommandLine(['check', ...argv]);
  return readCheckRequest({ ...line, settings: gatherSettings('check', line.flags, environment) });
}

function problemsOf(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const request = deployRequest(argv, environment);
  assert.ok('code' in request, 'a problem');
  return request.problems.map(({ argument, expected, found, next }) => [argument, expected, found, next ?? null]);
}

test('a destination alone asks for a promotion with the defaults of the design', () => {
  assert.deepEqual(deployRequest(['web1']), {
    verb: 'deploy',
    act: 'at-once',
    hosts: [
      {
        host: { name: 'web1', address: 'web1', reach },
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
    typed: new Map([['web1', 'web1']]),
    parallel: 10,
    ...byDefault,
    output: 'auto',
    verbosity: 'normal',
    goal: 'promote',
    rollout: { ...atOnce, waves: [['web1']] },
    together: 'each-alone',
    parallelReboots: 1,
    copyInputs: 'auto',
    parallelCopies: 4,
    parallelBuilds: 10,
  });
});

test('every option of deploy reaches the request', () => {
  const argv =
    'deploy -f github:a/b -p 3 --unreachable skip --waves 1,100% --pause 5m --max-failures 10% --ssh-config cfg --ssh-option Port=23 --transport openssh --elevate sudo -S --parallel-connects 5 --build-on local --copy-inputs never --parallel-copies 6 --parallel-builds 7 --goal switch --ignore-unit a.service ' +
    '--ignore-unit b@1.timer --allow-degraded --pre-activate-script bin/check --override-input nixpkgs ./stub ' +
    '--override-input a/b github:c/d --option cores 2 --option substituters  --impure --accept-flake-config ' +
    '--show-trace --reboot if-needed --parallel-reboots 2 --on-inhibitor boot-and-reboot --connect-timeout 1s --starting-timeout 2s --answer-timeout 3s --copy-stall-timeout 4s ' +
    '--build-timeout 5s --self-check-timeout 6s --activation-timeout 7s --settle 0s --confirm-timeout 9s ' +
    '--rollback-timeout 10s --confirm ask --on-unit-failure warn --if-rollback-fails reboot --unattended-boot ' +
    '--confirm-cap 11s --hold-window 0s --reboot-timeout 12s --reconnect-timeout 14s --wait-lock 13s -o json -v root@web1:22/web [::1] -- --refresh --offline';
  const one = {
    goal: 'promote',
    gates: { ignoreUnits: ['a.service', 'b@1.timer'], degraded: 'allow' },
    limits: {
      connectTimeoutMs: 1000,
      startingTimeoutMs: 2000,
      answerTimeoutMs: 3000,
      copyStallTimeoutMs: 4000,
      buildTimeoutMs: 5000,
      selfCheckTimeoutMs: 6000,
      activationTimeoutMs: 7000,
      settleMs: 0,
      confirmTimeoutMs: 9000,
      confirmCapMs: 11000,
      rollbackTimeoutMs: 10000,
      holdWindowMs: 0,
      reconnectTimeoutMs: 14000,
      rebootTimeoutMs: 12000,
      waitLockMs: 13000,
    },
    policies: {
      onUnitFailure: 'warn',
      onCheckFailure: 'rollback',
      ifRollbackFails: 'reboot',
      confirm: 'ask',
      together: 'each-alone',
    },
    reboots: { reboot: 'if-needed', onInhibitor: 'boot-and-reboot' },
    buildOn: 'local',
    selfCheck: 'bin/check',
  };
  const reach = { sshOptions: ['Port=23'], connectTimeout: 'given', transport: 'openssh', elevate: 'sudo' };
  assert.deepEqual(deployRequest(argv.split(' ')), {
    verb: 'deploy',
    act: 'at-once',
    hosts: [
      { host: { name: 'web1:22', address: 'web1', port: 22, user: 'root', configuration: 'web', reach }, ...one },
      { host: { name: '::1', address: '::1', reach }, ...one },
    ],
    typed: new Map([
      ['web1:22', 'root@web1:22/web'],
      ['::1', '[::1]'],
    ]),
    fleet: 'none',
    parallel: 3,
    sshConfigFile: 'cfg',
    elevatePassword: { kind: 'ask' },
    parallelConnects: 5,
    copyInputs: 'never',
    parallelCopies: 6,
    parallelBuilds: 7,
    output: 'json',
    verbosity: 'verbose',
    parallelReboots: 2,
    goal: 'promote',
    rollout: {
      ...{ kind: 'waves', waves: [['web1:22'], ['::1']], dependencies: [], unreachable: 'skip' },
      ...{ maxFailures: { number: 10, unit: 'percent' }, pause: { kind: 'time', milliseconds: 300_000 } },
    },
    together: 'each-alone',
  });
  assert.deepEqual(releaseRequest(argv.split(' ')), {
    reference: 'github:a/b',
    from: 'typed',
    overrides: [
      { input: 'nixpkgs', reference: './stub' },
      { input: 'a/b', reference: 'github:c/d' },
    ],
    nixArguments: [
      ...['--impure', '--accept-flake-config', '--show-trace'],
      ...['--option', 'cores', '2', '--option', 'substituters', ''],
      ...['--refresh', '--offline'],
    ],
  });
});

test('a check request has what a check needs and no more', () => {
  assert.deepEqual(checkRequest(['web1', '--ignore-unit', 'a.service', '--connect-timeout', '1s', '-q']), {
    verb: 'check',
    hosts: [
      {
        host: { name: 'web1', address: 'web1', reach: { ...reach, connectTimeout: 'given' } },
        gates: { ignoreUnits: ['a.service'], degraded: 'refuse' },
        limits: { ...defaultLimits, connectTimeoutMs: 1000 },
      },
    ],
    typed: new Map([['web1', 'web1']]),
    parallel: 10,
    ...byDefault,
    output: 'auto',
    verbosity: 'quiet',
  });
});

test('a check does not mind variables of deploy, not even wrong ones', () => {
  const request = checkRequest(['web1'], { FLURRY_GOAL: 'nonsense', FLURRY_PARALLEL: '3' });
  assert.deepEqual('code' in request ? request : request.parallel, 3);
});

test('a check takes no arguments for Nix', () => {
  assert.deepEqual(checkRequest(['web1', '--', '--refresh']), {
    code: 'bad-arguments',
    problems: [
      { code: 'bad-argument', argument: '--', expected: 'nothing: check runs no Nix', found: 'arguments for Nix' },
    ],
  });
});

for (const verb of ['status', 'attach', 'confirm', 'abort'] as const) {
  test(`a request of ${verb} has hosts and how to reach them, and takes no arguments for Nix`, () => {
    const line = readCommandLine([verb, 'web1', '--answer-timeout', '1s', '-p', '2']);
    const settings = gatherSettings(verb, line.flags, { FLURRY_GOAL: 'nonsense' });
    assert.deepEqual(readHostsRequest(verb, { ...line, settings }), {
      verb,
      hosts: [
        {
          host: { name: 'web1', address: 'web1', reach },
          limits: { ...defaultLimits, answerTimeoutMs: 1000 },
        },
      ],
      typed: new Map([['web1', 'web1']]),
      parallel: 2,
      ...byDefault,
      output: 'auto',
      verbosity: 'normal',
    });
    assert.deepEqual(readHostsRequest(verb, { ...line, settings, nixArguments: ['--refresh'] }), {
      code: 'bad-arguments',
      problems: [
        { code: 'bad-argument', argument: '--', expected: `nothing: ${verb} runs no Nix`, found: 'arguments for Nix' },
      ],
    });
  });
}

test('a request of history says how many deployments are told: 10, or as many as were asked for, up to 200', () => {
  const lastOf = (...argv: readonly string[]) => {
    const line = readCommandLine(['history', 'web1', ...argv]);
    const request = readHistoryRequest({ ...line, settings: gatherSettings('history', line.flags, {}) });
    return 'code' in request ? request.problems.map(({ argument, found }) => [argument, found]) : request.last;
  };
  assert.deepEqual([lastOf(), lastOf('--last', '200')], [10, 200]);
  assert.deepEqual(lastOf('--last', '201', '--', '--refresh'), [
    ['--last', '201'],
    ['--', 'arguments for Nix'],
  ]);
});

test('the laws of the way back name the variable that broke them', () => {
  assert.deepEqual(problemsOf(['web1'], { FLURRY_IF_ROLLBACK_FAILS: 'reboot', FLURRY_CONFIRM_TIMEOUT: '1h' }), [
    [
      'FLURRY_IF_ROLLBACK_FAILS',
      'hold, unless it is known that the hosts boot without a person',
      'reboot',
      'if none of them waits for a disk passphrase, add --unattended-boot',
    ],
    ['--confirm-cap', 'at least FLURRY_CONFIRM_TIMEOUT, 1 h', '15 min', 'add --confirm-cap 1h, or more'],
  ]);
});

test('a reboot is asked for by a flag, or the hosts are known to boot without a person', () => {
  const expected = (quiet: string): string =>
    `${quiet} where no flag asks for a reboot, unless it is known that the hosts boot without a person`;
  const next = 'give it as a flag, or, if none of them waits for a disk passphrase, add --unattended-boot';
  const variables = { FLURRY_REBOOT: 'if-needed', FLURRY_ON_INHIBITOR: 'boot-and-reboot' };
  assert.deepEqual(problemsOf(['web1'], variables), [
    ['FLURRY_REBOOT', expected('never'), 'if-needed', next],
    ['FLURRY_ON_INHIBITOR', expected('refuse'), 'boot-and-reboot', next],
  ]);
  for (const [argv, environment] of [
    [['--reboot', 'always', '--on-inhibitor', 'boot-and-reboot'], {}],
    [['--reboot', 'if-needed', '--on-inhibitor', 'refuse'], variables],
    [['--unattended-boot'], variables],
    [[], { FLURRY_REBOOT: 'never', FLURRY_ON_INHIBITOR: 'boot' }],
  ] as const) {
    assert.ok(!('code' in deployRequest(['web1', ...argv], environment)), argv.join(' '));
  }
});

test('a cap as long as the first wait is long enough', () => {
  const request = deployRequest(['web1', '--confirm-timeout', '2m', '--confirm-cap', '120s']);
  assert.ok(!('code' in request), 'a request');
});

test('a request is frozen through and through', () => {
  const request = deployRequest(['web1', '--ignore-unit', 'a.service']);
  assert.ok(!('code' in request), 'a request');
  const [one] = request.hosts;
  const parts = [request, request.hosts, one, one?.host, one?.gates, one?.gates.ignoreUnits, one?.limits];
  assert.deepEqual(parts.map(Object.isFrozen), Array(7).fill(true));
});

test('all problems come at once, each with its flag or variable', () => {
  const argv = ['web 1', 'web1', '--goal', 'promot', '--build-timeout', '60', '--gaol', '--parallel', '0', '-f'];
  const environment = { FLURRY_IMPURE: 'perhaps', FLURRY_SETTLE: 'soon', FLURRY_GOAL: 'nonsense too' };
  assert.deepEqual(problemsOf(argv, environment), [
    ['each option', 'one that flurry deploy knows', '--gaol', 'did you mean --goal?'],
    ['--flake', 'followed by REF', '', null],
    ['--parallel', 'a whole number from 1 to 1000', '0', null],
    ['--goal', 'one of build, dry-activate, test, boot, promote', 'promot', 'did you mean promote?'],
    ['FLURRY_IMPURE', '1, true, yes or on; 0, false, no or off', 'perhaps', null],
    ['--build-timeout', 'a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m', '60', 'did you mean 60s?'],
    ['FLURRY_SETTLE', 'a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m', 'soon', null],
    ['the host in destination "web 1"', 'a name or address of letters, digits, _ - and single dots', 'web 1', null],
  ]);
});

const oneProblem: readonly (readonly [string, readonly string[], readonly (string | null)[]])[] = [
  [
    'a flake reference begins with no dash',
    ['--flake=--impure'],
    ['--flake', 'a flake reference, like . or github:owner/repository, and begin with no dash', '--impure', null],
  ],
  [
    'a flake reference holds no newline',
    ['-f', '.\nx'],
    ['--flake', 'a flake reference, like . or github:owner/repository, without control codes', '.\nx', null],
  ],
  [
    'an empty flake reference is refused',
    ['--flake='],
    ['--flake', 'a flake reference, like . or github:owner/repository', '', null],
  ],
  [
    'a unit is named with its type',
    ['--ignore-unit', 'nginx'],
    ['--ignore-unit', 'a unit name with its type, like nginx.service', 'nginx', 'did you mean nginx.service?'],
  ],
  [
    'a unit name holds no shell signs',
    ['--ignore-unit', '$(id).service'],
    ['--ignore-unit', 'a unit name with its type, like nginx.service', '$(id).service', null],
  ],
  [
    'the self-check lies below the new system',
    ['--pre-activate-script', '/bin/true'],
    ['--pre-activate-script', 'a path below the new system, like bin/self-check', '/bin/true', null],
  ],
  [
    'the self-check does not lead out of the new system',
    ['--pre-activate-script', 'bin/../../sh'],
    ['--pre-activate-script', 'a path below the new system, like bin/self-check', 'bin/../../sh', null],
  ],
  [
    'an override needs both values',
    ['--override-input', 'nixpkgs'],
    ['--override-input', 'INPUT REF, like nixpkgs github:NixOS/nixpkgs', 'nixpkgs', null],
  ],
  [
    'an override takes its values as two words',
    ['--override-input=nixpkgs'],
    ['--override-input', 'INPUT REF, like nixpkgs github:NixOS/nixpkgs', 'nixpkgs', null],
  ],
  [
    'the reference of an override is no flag',
    ['--override-input', 'nixpkgs', '--impure'],
    [
      '--override-input',
      'a flake reference, like . or github:owner/repository, and begin with no dash',
      '--impure',
      null,
    ],
  ],
  [
    'the name of an input is a name',
    ['--override-input', '$(id)', '.'],
    ['--override-input', 'INPUT REF, like nixpkgs github:NixOS/nixpkgs', '$(id) .', null],
  ],
  ['a Nix option has a name', ['--option', 'a b', '1'], ['--option', 'NAME VALUE, like cores 2', 'a b 1', null]],
  [
    'a host that may wait for a passphrase is not rebooted without a person',
    ['--if-rollback-fails', 'reboot'],
    [
      '--if-rollback-fails',
      'hold, unless it is known that the hosts boot without a person',
      'reboot',
      'if none of them waits for a disk passphrase, add --unattended-boot',
    ],
  ],
  [
    'the cap of a wait is no shorter than the wait',
    ['--confirm-cap', '30s'],
    ['--confirm-cap', 'at least --confirm-timeout, 1 min', '30 s', 'add --confirm-cap 60s, or more'],
  ],
  ['a person is asked or not', ['--confirm', 'yes'], ['--confirm', 'one of auto, ask', 'yes', null]],
  ['-v and -q exclude each other', ['-v', '-q'], ['--quiet', '--verbose or --quiet', 'both', null]],
  ['--impure takes no value', ['--impure=no'], ['--impure', 'given without a value', '--impure=no', null]],
  [
    'an unknown short flag is refused',
    ['-z'],
    ['each option', 'one that flurry deploy knows', '-z', 'flurry deploy --help lists all'],
  ],
  [
    'an override after -- would mean something else on each host',
    ['--', '--override-input', 'a', 'b'],
    [
      '--',
      'arguments that mean the same to Nix here and on the hosts',
      '--override-input',
      'give --override-input before the --',
    ],
  ],
];

for (const [title, argv, problem] of oneProblem) {
  test(title, () => {
    assert.deepEqual(problemsOf(['web1', ...argv]), [problem]);
  });
}

test('-v is heard where FLURRY_QUIET is set, and -q where FLURRY_VERBOSE is', () => {
  const loud = deployRequest(['web1', '-v'], { FLURRY_QUIET: '1' });
  const still = deployRequest(['web1', '-q'], { FLURRY_VERBOSE: '1' });
  assert.deepEqual(
    ['code' in loud ? loud : loud.verbosity, 'code' in still ? still : still.verbosity],
    ['verbose', 'quiet'],
  );
});

test('-vv, or FLURRY_VERBOSE=2, tells more than -v; more often is no more', () => {
  const verbosity = (argv: readonly string[], variable = '') => {
    const request = deployRequest(['web1', ...argv], { FLURRY_VERBOSE: variable });
    return 'code' in request ? request.code : request.verbosity;
  };
  assert.deepEqual(
    [['-vv'], ['-v', '--verbose'], ['-vvvv'], ['-v'], []].map((argv) => verbosity(argv)),
    ['debug', 'debug', 'debug', 'verbose', 'normal'],
  );
  assert.deepEqual(
    ['2', '1', 'yes', '0', 'off', 'much'].map((text) => verbosity([], text)),
    ['debug', 'verbose', 'verbose', 'normal', 'normal', 'bad-arguments'],
  );
  assert.equal(verbosity(['-v'], '2'), 'verbose');
});

test('a directory for logs is kept with what asked for it', () => {
  const request = deployRequest(['web1'], { FLURRY_LOG_DIR: 'logs' });
  assert.deepEqual('code' in request ? request : request.logDir, { path: 'logs', source: 'FLURRY_LOG_DIR' });
});

test('a yes or no in a variable is a word or a digit', () => {
  const read = (text: string) => {
    const request = deployRequest(['web1'], { FLURRY_ALLOW_DEGRADED: text });
    return 'code' in request ? request.code : request.hosts[0]?.gates.degraded;
  };
  assert.deepEqual(['1', 'true', 'Yes', 'on', '0', 'false', 'no', 'OFF', ''].map(read), [
    'allow',
    'allow',
    'allow',
    'allow',
    'refuse',
    'refuse',
    'refuse',
    'refuse',
    'refuse',
  ]);
});

for (const { name } of options.filter(
  ({ kind, name }) => kind === 'duration' && !['settle', 'wait-lock', 'hold-window'].includes(name),
)) {
  test(`--${name} cannot be switched off`, () => {
    const problem = [`--${name}`, 'a duration above zero (every wait has a limit)', '0s', null];
    assert.deepEqual(problemsOf(['web1', `--${name}`, '0s']), [problem]);
  });
}

test('hosts change together only where they are tested: another goal is refused, and both options are named', () => {
  for (const goal of ['build', 'dry-activate', 'boot']) {
    assert.deepEqual(problemsOf(['web1', '--all-or-nothing', '--goal', goal]), [
      [
        '--all-or-nothing',
        '--goal test or promote together with it',
        goal,
        `leave one of the two away: with goal ${goal} no host is tested, so none could be put back for another`,
      ],
    ]);
  }
  for (const goal of ['test', 'promote']) {
    const request = deployRequest(['web1', 'web2', '--goal', goal], { FLURRY_ALL_OR_NOTHING: '1' });
    assert.equal('code' in request || request.together, 'all-or-nothing');
  }
});

test('hosts that change together are not rebooted: each option that would is named', () => {
  const next = 'leave one of the two away: what first runs behind a reboot cannot be taken back on all hosts at once';
  const words = ['--all-or-nothing', '--reboot', 'if-needed', '--on-inhibitor', 'boot'];
  assert.deepEqual(problemsOf(['web1', ...words]), [
    ['--reboot', 'never together with --all-or-nothing', 'if-needed', next],
    ['--on-inhibitor', 'refuse together with --all-or-nothing', 'boot', next],
  ]);
});

test('with local, who confirms is said by flag, unless nothing waits to be confirmed', () => {
  const missing = ['--confirm', '']; // argument and what was found
  const wrong = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const request = deployRequest(argv, environment);
    return 'code' in request ? request.problems.map(({ argument, found }) => [argument, found]) : [];
  };
  assert.deepEqual(wrong(['local']), [missing]);
  assert.deepEqual(wrong(['web1', 'local/db', '--goal', 'test']), [missing]);
  assert.deepEqual(wrong(['local'], { FLURRY_CONFIRM: 'ask' }), [missing]);
  for (const word of ['auto', 'ask']) assert.deepEqual(wrong(['local', '--confirm', word]), []);
  for (const goal of ['build', 'dry-activate', 'boot']) assert.deepEqual(wrong(['local', '--goal', goal]), []);
  assert.deepEqual(wrong(['nixos://local']), []);
});

test('with local, nothing is asked for that flurry would not outlive', () => {
  assert.deepEqual(
    problemsOf(['local', '--confirm', 'ask', '--reboot', 'always', '--on-inhibitor', 'boot-and-reboot']),
    [
      [
        '--reboot',
        'never with the destination local: flurry would not outlive the reboot of its own machine',
        'always',
        'leave it away and reboot by hand, or deploy to this machine from another one',
      ],
      [
        '--on-inhibitor',
        'refuse or boot with the destination local: flurry would not outlive the reboot of its own machine',
        'boot-and-reboot',
        'leave it away and reboot by hand, or deploy to this machine from another one',
      ],
    ],
  );
});
