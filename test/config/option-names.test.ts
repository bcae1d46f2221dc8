import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import {
  belongs,
  type Given,
  type GivenSettings,
  gatherSettings,
  isSetting,
  type TypedValue,
} from '../../src/config/given.ts';
import { type Option, type Verb, verbs } from '../../src/config/option.ts';
import { flagOf, settingOf, variableOf } from '../../src/config/option-names.ts';
import { options } from '../../src/config/options.ts';
import {
  readCheckSettings,
  readDecideSettings,
  readDeploySettings,
  readHistorySettings,
  readListSettings,
  readRollbackSettings,
} from '../../src/config/settings.ts';
import { defaultLimits } from '../../src/core/limits.ts';

/** For each kind, or for one option: what a variable and a flag may hold, and what comes out. */
const samples: Readonly<
  Record<string, { variable: string; typed: readonly string[]; flag: TypedValue; read: TypedValue }>
> = {
  text: { variable: 'some/file', typed: ['another/file'], flag: 'another/file', read: 'some/file' },
  'to-rev': { variable: '1a2b3c4', typed: ['cafe'], flag: 'cafe', read: '1a2b3c4' },
  waves: { variable: '1,100%', typed: ['2,100%'], flag: '2,100%', read: '1,100%' },
  pause: { variable: '5m', typed: ['ask'], flag: 'ask', read: '5m' },
  'max-failures': { variable: '1', typed: ['10%'], flag: '10%', read: '1' },
  specialisation: { variable: 'laptop', typed: ['desktop'], flag: 'desktop', read: 'laptop' },
  boolean: { variable: '0', typed: [], flag: true, read: '0' },
  count: { variable: '2', typed: [], flag: true, read: '2' },
  duration: { variable: '7m', typed: ['8m'], flag: '8m', read: '7m' },
  integer: { variable: '7', typed: ['8'], flag: '8', read: '7' },
  list: { variable: 'a.service\nb.socket\n', typed: ['c.timer'], flag: ['c.timer'], read: ['a.service', 'b.socket'] },
  'ssh-option': { variable: 'Port=23\nUser x\n', typed: ['A=b'], flag: ['A=b'], read: ['Port=23', 'User x'] },
  pairs: {
    variable: 'one 1\n  two  2 3 ',
    typed: ['three', '3'],
    flag: [['three', '3']],
    read: [
      ['one', '1'],
      ['two', '2 3'],
    ],
  },
};

function sampleOf(option: Option) {
  if (option.kind === 'word') {
    const [first = '', second = ''] = option.words;
    return { variable: first, typed: [second], flag: second, read: first };
  }
  const sample = samples[option.name] ?? samples[option.kind];
  assert.ok(sample, `a sample for ${option.kind}`);
  return sample;
}

const readers: Readonly<
  Record<Verb, (given: GivenSettings) => { readonly problems: readonly { readonly argument: string }[] }>
> = {
  deploy: readDeploySettings,
  plan: readDeploySettings,
  check: readCheckSettings,
  rollback: readRollbackSettings,
  status: readDecideSettings,
  history: readHistorySettings,
  attach: readDecideSettings,
  confirm: readDecideSettings,
  abort: readDecideSettings,
  list: readListSettings,
  config: readDeploySettings,
};

const settable: readonly Option[] = options.filter(isSetting);

test('names follow one law: --foo-bar, FLURRY_FOO_BAR, fooBar', () => {
  assert.deepEqual(
    settable.map((option) => [flagOf(option), variableOf(option), settingOf(option)]),
    [
      ['--flake', 'FLURRY_FLAKE', 'flake'],
      ['--no-flake', 'FLURRY_NO_FLAKE', 'noFlake'],
      ['--to', 'FLURRY_TO', 'to'],
      ['--to-rev', 'FLURRY_TO_REV', 'toRev'],
      ['--last', 'FLURRY_LAST', 'last'],
      ['--parallel', 'FLURRY_PARALLEL', 'parallel'],
      ['--unreachable', 'FLURRY_UNREACHABLE', 'unreachable'],
      ['--ssh-config', 'FLURRY_SSH_CONFIG', 'sshConfig'],
      ['--ssh-option', 'FLURRY_SSH_OPTION', 'sshOptions'],
      ['--transport', 'FLURRY_TRANSPORT', 'transport'],
      ['--elevate', 'FLURRY_ELEVATE', 'elevate'],
      ['--ask-elevate-password', 'FLURRY_ASK_ELEVATE_PASSWORD', 'askElevatePassword'],
      ['--elevate-password-command', 'FLURRY_ELEVATE_PASSWORD_COMMAND', 'elevatePasswordCommand'],
      ['--elevate-password-file', 'FLURRY_ELEVATE_PASSWORD_FILE', 'elevatePasswordFile'],
      ['--parallel-connects', 'FLURRY_PARALLEL_CONNECTS', 'parallelConnects'],
      ['--goal', 'FLURRY_GOAL', 'goal'],
      ['--dry-run', 'FLURRY_DRY_RUN', 'dryRun'],
      ['--ask', 'FLURRY_ASK', 'ask'],
      ['--yes', 'FLURRY_YES', 'yes'],
      ['--specialisation', 'FLURRY_SPECIALISATION', 'specialisation'],
      ['--install-bootloader', 'FLURRY_INSTALL_BOOTLOADER', 'installBootloader'],
      ['--reboot', 'FLURRY_REBOOT', 'reboot'],
      ['--parallel-reboots', 'FLURRY_PARALLEL_REBOOTS', 'parallelReboots'],
      ['--waves', 'FLURRY_WAVES', 'waves'],
      ['--pause', 'FLURRY_PAUSE', 'pause'],
      ['--max-failures', 'FLURRY_MAX_FAILURES', 'maxFailures'],
      ['--on-inhibitor', 'FLURRY_ON_INHIBITOR', 'onInhibitor'],
      ['--ignore-unit', 'FLURRY_IGNORE_UNIT', 'ignoreUnits'],
      ['--allow-degraded', 'FLURRY_ALLOW_DEGRADED', 'allowDegraded'],
      ['--allow-downgrade', 'FLURRY_ALLOW_DOWNGRADE', 'allowDowngrade'],
      ['--pre-activate-script', 'FLURRY_PRE_ACTIVATE_SCRIPT', 'preActivateScript'],
      ['--confirm', 'FLURRY_CONFIRM', 'confirm'],
      ['--all-or-nothing', 'FLURRY_ALL_OR_NOTHING', 'allOrNothing'],
      ['--on-unit-failure', 'FLURRY_ON_UNIT_FAILURE', 'onUnitFailure'],
      ['--on-check-failure', 'FLURRY_ON_CHECK_FAILURE', 'onCheckFailure'],
      ['--if-rollback-fails', 'FLURRY_IF_ROLLBACK_FAILS', 'ifRollbackFails'],
      ['--unattended-boot', 'FLURRY_UNATTENDED_BOOT', 'unattendedBoot'],
      ['--build-on', 'FLURRY_BUILD_ON', 'buildOn'],
      ['--no-shortcut', 'FLURRY_NO_SHORTCUT', 'noShortcut'],
      ['--copy-inputs', 'FLURRY_COPY_INPUTS', 'copyInputs'],
      ['--parallel-copies', 'FLURRY_PARALLEL_COPIES', 'parallelCopies'],
      ['--parallel-builds', 'FLURRY_PARALLEL_BUILDS', 'parallelBuilds'],
      ['--override-input', 'FLURRY_OVERRIDE_INPUT', 'overrideInput'],
      ['--option', 'FLURRY_OPTION', 'option'],
      ['--impure', 'FLURRY_IMPURE', 'impure'],
      ['--accept-flake-config', 'FLURRY_ACCEPT_FLAKE_CONFIG', 'acceptFlakeConfig'],
      ['--show-trace', 'FLURRY_SHOW_TRACE', 'showTrace'],
      ['--connect-timeout', 'FLURRY_CONNECT_TIMEOUT', 'connectTimeout'],
      ['--starting-timeout', 'FLURRY_STARTING_TIMEOUT', 'startingTimeout'],
      ['--answer-timeout', 'FLURRY_ANSWER_TIMEOUT', 'answerTimeout'],
      ['--reconnect-timeout', 'FLURRY_RECONNECT_TIMEOUT', 'reconnectTimeout'],
      ['--copy-stall-timeout', 'FLURRY_COPY_STALL_TIMEOUT', 'copyStallTimeout'],
      ['--build-timeout', 'FLURRY_BUILD_TIMEOUT', 'buildTimeout'],
      ['--self-check-timeout', 'FLURRY_SELF_CHECK_TIMEOUT', 'selfCheckTimeout'],
      ['--activation-timeout', 'FLURRY_ACTIVATION_TIMEOUT', 'activationTimeout'],
      ['--settle', 'FLURRY_SETTLE', 'settle'],
      ['--confirm-timeout', 'FLURRY_CONFIRM_TIMEOUT', 'confirmTimeout'],
      ['--confirm-cap', 'FLURRY_CONFIRM_CAP', 'confirmCap'],
      ['--rollback-timeout', 'FLURRY_ROLLBACK_TIMEOUT', 'rollbackTimeout'],
      ['--hold-window', 'FLURRY_HOLD_WINDOW', 'holdWindow'],
      ['--reboot-timeout', 'FLURRY_REBOOT_TIMEOUT', 'rebootTimeout'],
      ['--wait-lock', 'FLURRY_WAIT_LOCK', 'waitLock'],
      ['--output', 'FLURRY_OUTPUT', 'output'],
      ['--verbose', 'FLURRY_VERBOSE', 'verbose'],
      ['--quiet', 'FLURRY_QUIET', 'quiet'],
      ['--log-dir', 'FLURRY_LOG_DIR', 'logDir'],
    ],
  );
});

for (const option of settable) {
  const [flag, variable, setting] = [flagOf(option), variableOf(option) ?? '', settingOf(option)];
  const sample = sampleOf(option);
  const verb = option.verbs[0] ?? 'deploy';

  test(`${flag} beats ${variable}, which beats the default`, () => {
    const typed = readCommandLine([verb, flag, ...sample.typed]);
    assert.deepEqual(typed.problems, []);
    const nothing = gatherSettings(verb, new Map(), {}).get(setting);
    const fromVariable = gatherSettings(verb, new Map(), { [variable]: sample.variable }).get(setting);
    const fromFlag = gatherSettings(verb, typed.flags, { [variable]: sample.variable }).get(setting);

    assert.deepEqual(nothing?.value, 'default' in option ? option.default : undefined);
    assert.deepEqual([fromVariable?.source, fromVariable?.value], [variable, sample.read]);
    assert.deepEqual([fromFlag?.source, fromFlag?.value], [flag, sample.flag]);
    for (const given of [typed.flags, new Map()]) {
      const settings = gatherSettings(verb, given, { [variable]: sample.variable });
      const { problems } = readers[verb](settings);
      assert.deepEqual(problems, []);
    }
  });

  test(`an empty ${variable} counts as unset`, () => {
    const given = gatherSettings(verb, new Map(), { [variable]: ' ' }).get(setting);
    assert.notEqual(given?.from, 'variable');
  });
}

test('what chooses hosts has no variable, nor have --help and --version, so that FLURRY_VERSION may be a pin of somebody else', () => {
  const without = options.filter((option) => variableOf(option) === undefined).map(flagOf);
  assert.deepEqual(without, ['--on', '--except', '--all', '--version', '--help']);
});

test('short flags are those of the design', () => {
  assert.deepEqual(
    options.flatMap((option) => ('short' in option ? [[option.short, option.name]] : [])),
    [
      ['f', 'flake'],
      ['p', 'parallel'],
      ['S', 'ask-elevate-password'],
      ['n', 'dry-run'],
      ['a', 'ask'],
      ['y', 'yes'],
      ['o', 'output'],
      ['v', 'verbose'],
      ['q', 'quiet'],
      ['h', 'help'],
    ],
  );
});

test('each verb has a schema for exactly its options', () => {
  const names = (verb: Verb) =>
    settable
      .filter((option) => belongs(option, verb))
      .map(settingOf)
      .sort();
  const wrong = (verb: Verb) =>
    new Map(
      names(verb).map((name): [string, Given] => [
        name,
        { option: options[0], source: name, from: 'flag', value: true },
      ]),
    );
  const known = (problems: readonly { readonly argument: string }[]) => problems.map(({ argument }) => argument);
  const booleans = [
    'acceptFlakeConfig',
    'allOrNothing',
    'allowDegraded',
    'allowDowngrade',
    'ask',
    'askElevatePassword',
    'dryRun',
    'impure',
    'installBootloader',
    'noFlake',
    'noShortcut',
    'quiet',
    'showTrace',
    'unattendedBoot',
    'verbose',
    'yes',
  ];
  for (const verb of verbs) {
    const refused = new Set(known(readers[verb](wrong(verb)).problems));
    assert.deepEqual(
      [...refused].sort(),
      names(verb).filter((name) => !booleans.includes(name)),
    );
  }
});

test('the defaults of the table are the defaults of the limits', () => {
  const { value } = readDeploySettings(gatherSettings('deploy', new Map(), {}));
  const limits = Object.entries(value ?? {}).filter(([name]) =>
    /Timeout$|^(?:settle|confirmCap|holdWindow|waitLock)$/.test(name),
  );
  assert.deepEqual(Object.fromEntries(limits.map(([name, durationMs]) => [`${name}Ms`, durationMs])), {
    ...defaultLimits,
  });
});
