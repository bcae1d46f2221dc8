import * as z from 'zod';
import { goals } from '../core/goal.ts';
import type { Problem } from '../core/problem.ts';
import type { Given, GivenSettings } from './given.ts';
import {
  argument,
  badValue,
  boolean,
  count,
  duration,
  integer,
  pair,
  pathBelow,
  revision,
  specialisation,
  sshOption,
  unitName,
  word,
} from './kinds.ts';
import type { SettingName } from './options.ts';
import { failureLimit, pauseBetween, waveSteps } from './rollout-kinds.ts';

const flakeReference = 'a flake reference, like . or github:owner/repository';

const rollbackGoals = goals.filter((goal) => goal !== 'build');

// One line for each option of the table; the compiler holds both together.
export const schemas = {
  flake: argument(flakeReference),
  noFlake: boolean.default(false),
  to: integer(1, 999_999_999).optional(),
  toRev: revision.optional(),
  last: integer(1, 200),
  parallel: integer(1, 1000),
  unreachable: word(['fail', 'skip', 'stop']),
  sshConfig: argument('a file').optional(),
  sshOptions: z.array(sshOption).default([]),
  transport: word(['auto', 'builtin', 'openssh']),
  elevate: word(['auto', 'none', 'sudo', 'doas', 'run0']),
  askElevatePassword: boolean.default(false),
  elevatePasswordCommand: argument('a command').optional(),
  elevatePasswordFile: argument('a file').optional(),
  parallelConnects: integer(1, 1000),
  goal: word(goals, { switch: 'promote' }),
  dryRun: boolean.default(false),
  ask: boolean.default(false),
  yes: boolean.default(false),
  waves: waveSteps.optional(),
  pause: pauseBetween.optional(),
  maxFailures: failureLimit,
  ignoreUnits: z.array(unitName).default([]),
  allowDegraded: boolean.default(false),
  allowDowngrade: boolean.default(false),
  preActivateScript: pathBelow.optional(),
  confirm: word(['auto', 'ask']),
  allOrNothing: boolean.default(false),
  onUnitFailure: word(['rollback', 'warn']),
  onCheckFailure: word(['rollback', 'warn']),
  ifRollbackFails: word(['hold', 'reboot']),
  onInhibitor: word(['refuse', 'boot', 'boot-and-reboot']),
  specialisation: specialisation.optional(),
  installBootloader: boolean.default(false),
  reboot: word(['never', 'if-needed', 'always']),
  parallelReboots: integer(1, 1000),
  unattendedBoot: boolean.default(false),
  buildOn: word(['target', 'local']),
  noShortcut: boolean.default(false),
  copyInputs: word(['auto', 'always', 'never']),
  parallelCopies: integer(1, 1000),
  parallelBuilds: integer(1, 1000),
  overrideInput: z
    .array(pair('INPUT REF, like nixpkgs github:NixOS/nixpkgs', /^[A-Za-z_][A-Za-z0-9_'/.-]*$/, flakeReference))
    .default([]),
  option: z.array(pair('NAME VALUE, like cores 2', /^[a-z][a-z0-9-]*$/)).default([]),
  impure: boolean.default(false),
  acceptFlakeConfig: boolean.default(false),
  showTrace: boolean.default(false),
  connectTimeout: duration('above-zero'),
  startingTimeout: duration('above-zero'),
  answerTimeout: duration('above-zero'),
  reconnectTimeout: duration('above-zero'),
  copyStallTimeout: duration('above-zero'),
  buildTimeout: duration('above-zero'),
  selfCheckTimeout: duration('above-zero'),
  activationTimeout: duration('above-zero'),
  settle: duration('any'),
  confirmTimeout: duration('above-zero'),
  confirmCap: duration('above-zero'),
  rollbackTimeout: duration('above-zero'),
  holdWindow: duration('any'),
  rebootTimeout: duration('above-zero'),
  waitLock: duration('any'),
  output: word(['auto', 'tree', 'lines', 'json']),
  verbose: count.default(0),
  quiet: boolean.default(false),
  logDir: argument('a directory').optional(),
};

const allSettings = z.object(schemas satisfies Record<SettingName, z.ZodType>);
const deploySettings = allSettings.omit({ to: true, toRev: true, noFlake: true, last: true });
const rollbackSettings = allSettings
  .omit({
    allowDowngrade: true,
    specialisation: true,
    installBootloader: true,
    last: true,
    buildOn: true,
    noShortcut: true,
    copyInputs: true,
    parallelCopies: true,
    parallelBuilds: true,
    reconnectTimeout: true,
    copyStallTimeout: true,
    buildTimeout: true,
    reboot: true,
    parallelReboots: true,
    onInhibitor: true,
    dryRun: true,
    ask: true,
    yes: true,
  })
  // There is nothing to build.
  .extend({ goal: word(rollbackGoals, { switch: 'promote' }) });
const flakeSettings = allSettings.pick({
  flake: true,
  noFlake: true,
  overrideInput: true,
  option: true,
  impure: true,
  acceptFlakeConfig: true,
  showTrace: true,
});
const decideSettings = allSettings.pick({
  parallel: true,
  sshConfig: true,
  sshOptions: true,
  transport: true,
  elevate: true,
  askElevatePassword: true,
  elevatePasswordCommand: true,
  elevatePasswordFile: true,
  parallelConnects: true,
  connectTimeout: true,
  answerTimeout: true,
  output: true,
  verbose: true,
  quiet: true,
  logDir: true,
});
const fleetSettings = decideSettings.extend(flakeSettings.shape);
const historySettings = fleetSettings.extend({ last: schemas.last });
const listSettings = flakeSettings.extend({ output: schemas.output });
const checkSettings = fleetSettings.extend({
  ignoreUnits: schemas.ignoreUnits,
  allowDegraded: schemas.allowDegraded,
  startingTimeout: schemas.startingTimeout,
});

export type DeploySettings = z.output<typeof deploySettings>;
export type RollbackSettings = z.output<typeof rollbackSettings>;
export type CheckSettings = z.output<typeof checkSettings>;
export type DecideSettings = z.output<typeof decideSettings>;
export type ListSettings = z.output<typeof listSettings>;
export type FleetSettings = z.output<typeof fleetSettings>;
export type HistorySettings = z.output<typeof historySettings>;
export type Read<T> = { readonly value?: T; readonly problems: readonly Problem<'bad-argument'>[] };

/** Reads what was given for `deploy` into typed settings, or every problem in it. */
export function readDeploySettings(given: GivenSettings): Read<DeploySettings> {
  return readBy(deploySettings, given);
}

/** Reads what was given for `rollback` into typed settings, or every problem in it. */
export function readRollbackSettings(given: GivenSettings): Read<RollbackSettings> {
  return readBy(rollbackSettings, given);
}

/** Reads what was given for `check` into typed settings, or every problem in it. */
export function readCheckSettings(given: GivenSettings): Read<CheckSettings> {
  return readBy(checkSettings, given);
}

/** Reads what was given for `list` into typed settings, or every problem in it. */
export function readListSettings(given: GivenSettings): Read<ListSettings> {
  return readBy(listSettings, given);
}

/** Reads what was given for `history` into typed settings, or every problem in it. */
export function readHistorySettings(given: GivenSettings): Read<HistorySettings> {
  return readBy(historySettings, given);
}

/** Reads what was given for a verb that needs nothing but hosts into typed settings, or every problem in it. */
export function readDecideSettings(given: GivenSettings): Read<FleetSettings> {
  return readBy(fleetSettings, given);
}

function readBy<Settings>(schema: z.ZodType<Settings>, given: GivenSettings): Read<Settings> {
  const read = schema.safeParse(valuesOf(given));
  return read.success ? { value: read.data, problems: [] } : { problems: problemsIn(read.error, given) };
}

function valuesOf(given: GivenSettings): Record<string, unknown> {
  return Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
}

function problemsIn(error: z.ZodError, given: GivenSettings): readonly Problem<'bad-argument'>[] {
  return error.issues.map((issue) => {
    const one = given.get(String(issue.path[0]));
    const argument = one?.source ?? String(issue.path[0]);
    const bad = badValue.safeParse(customParams(issue) ?? {});
    return bad.success
      ? { code: 'bad-argument', argument, ...bad.data }
      : { code: 'bad-argument', argument, expected: expectedOf(one), found: foundIn(one) };
  });
}

/** A word that only a variable gives (`FLURRY_IMPURE=perhaps`) fails inside a union, which wraps the issue. */
function customParams(issue: z.core.$ZodIssue): unknown {
  if (issue.code === 'custom') return issue.params;
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors
    .flat()
    .map(customParams)
    .find((params) => params !== undefined);
}

function expectedOf(given: Given | undefined): string {
  return given !== undefined && 'placeholder' in given.option
    ? `followed by ${given.option.placeholder}`
    : 'given without a value';
}

function foundIn(given: Given | undefined): string {
  return typeof given?.value === 'string' ? given.value : '';
}
