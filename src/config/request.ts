import type { Goal } from '../core/goal.ts';
import type { Host } from '../core/host.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { Gates, Policies, Reboots, RollbackAim } from '../core/plan.ts';
import type { Problem } from '../core/problem.ts';
import { parseDestinations } from './destinations.ts';
import { type ElevatePassword, elevatePasswordOf, elevateProblems } from './elevate-rules.ts';
import type { GivenSettings } from './given.ts';
import { localProblems } from './local-rules.ts';
import { readNixArguments } from './nix-arguments.ts';
import { aimOf, aimProblems } from './rollback-aim.ts';
import {
  type CheckSettings,
  type DecideSettings,
  type DeploySettings,
  type RollbackSettings,
  readCheckSettings,
  readDecideSettings,
  readDeploySettings,
  readRollbackSettings,
} from './settings.ts';
import { togetherProblems } from './together-rules.ts';
import { rebootProblems, wayBackProblems } from './way-back-rules.ts';

/** Who speaks SSH; `auto` decides for each host. */
export type Transport = 'auto' | 'builtin' | 'openssh';
/** How to become root on a host; `auto`: by sudo, unless the login is root. */
export type Elevate = 'auto' | 'none' | 'sudo' | 'doas' | 'run0';
export type Output = 'auto' | 'tree' | 'lines' | 'json';
/** `debug`: what is asked, run and read to get there as well. */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

interface Common {
  /** At least one; names are unique. */
  readonly hosts: readonly Host[];
  readonly parallel: number;
  readonly limits: Limits;
  readonly sshConfigFile?: string;
  /** As `ssh -o` takes them, in their order: of two that say the same thing the first one counts. */
  readonly sshOptions: readonly string[];
  /** Whether a limit for connecting was given: ssh's ConnectTimeout goes before our default, not before what was given. */
  readonly connectTimeout: 'given' | 'default';
  readonly transport: Transport;
  readonly elevate: Elevate;
  readonly elevatePassword: ElevatePassword;
  /** How many hosts are dialled at once. */
  readonly parallelConnects: number;
  readonly output: Output;
  readonly verbosity: Verbosity;
  /** Where whole logs are to be kept, and what asked for it. */
  readonly logDir?: { readonly path: string; readonly source: string };
}

/** How the hosts' transactions are wished, whatever system they are to bring. */
export interface ActivatingRequest extends Common {
  readonly goal: Goal;
  readonly unreachable: 'fail' | 'skip' | 'stop';
  readonly gates: Gates;
  readonly policies: Policies;
  /** Path of the self-check below the new toplevel. */
  readonly selfCheck?: string;
}

/** What `flurry deploy` was asked for, all of it checked, nothing of it looked up. */
export interface DeployRequest extends ActivatingRequest {
  readonly verb: 'deploy';
  /** The flake reference as it was typed. */
  readonly reference: string;
  readonly reboots: Reboots;
  readonly parallelReboots: number;
  readonly buildOn: 'target' | 'local';
  readonly copyInputs: 'auto' | 'always' | 'never';
  readonly parallelCopies: number;
  readonly parallelBuilds: number;
  readonly overrides: readonly { readonly input: string; readonly reference: string }[];
  /** For every Nix evaluation; argv. */
  readonly nixArguments: readonly string[];
}

/** What `flurry rollback` was asked for. */
export interface RollbackRequest extends ActivatingRequest {
  readonly verb: 'rollback';
  readonly aim: RollbackAim;
}

/** What `flurry check` was asked for. */
export interface CheckRequest extends Common {
  readonly verb: 'check';
  readonly gates: Gates;
}

/** What a verb was asked for that needs nothing but hosts. */
export interface HostsRequest extends Common {
  readonly verb: 'status' | 'attach' | 'confirm' | 'abort';
}

/** A command line and an environment, taken apart but not yet judged. */
export interface Typed {
  readonly destinations: readonly string[];
  readonly settings: GivenSettings;
  /** What stood after `--`. */
  readonly nixArguments: readonly string[];
  /** What the command line could not make sense of, to be told with all the rest. */
  readonly problems: readonly Problem<'bad-argument'>[];
}

/** Reads a deploy request, or tells every problem in it at once. */
export function readDeployRequest(typed: Typed): DeployRequest | Problem<'bad-arguments'> {
  const { value: settings, problems } = readDeploySettings(typed.settings);
  const { hosts, problems: hostProblems } = parseDestinations(typed.destinations);
  const nix = readNixArguments(typed.nixArguments);
  const rules =
    settings === undefined
      ? []
      : [
          ...elevateProblems(settings, typed.settings),
          ...wayBackProblems(settings, typed.settings),
          ...rebootProblems(settings, typed.settings),
          ...togetherProblems(settings, typed.settings),
          ...localProblems(hosts, settings, typed.settings),
        ];
  const own = [...problems, ...rules, ...verbosityProblems(typed.settings)];
  const all = [...typed.problems, ...own, ...nix.problems, ...hostProblems];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  return deepFreeze({
    verb: 'deploy',
    ...commonOf(hosts, settings, typed.settings),
    ...transactionOf(settings, settings.allOrNothing ? 'all-or-nothing' : 'each-alone'),
    limits: limitsOf(settings),
    reference: settings.flake,
    reboots: { reboot: settings.reboot, onInhibitor: settings.onInhibitor },
    parallelReboots: settings.parallelReboots,
    buildOn: settings.buildOn,
    copyInputs: settings.copyInputs,
    parallelCopies: settings.parallelCopies,
    parallelBuilds: settings.parallelBuilds,
    overrides: settings.overrideInput.map(([input, reference]) => ({ input, reference })),
    nixArguments: [...nixArgumentsOf(settings), ...nix.words],
  });
}

/** Reads a rollback request, or tells every problem in it at once. */
export function readRollbackRequest(typed: Typed): RollbackRequest | Problem<'bad-arguments'> {
  const { value: settings, problems } = readRollbackSettings(typed.settings);
  const { hosts, problems: hostProblems } = parseDestinations(typed.destinations);
  const rules =
    settings === undefined
      ? []
      : [
          ...elevateProblems(settings, typed.settings),
          ...wayBackProblems(settings, typed.settings),
          ...aimProblems(settings, typed.settings, hosts.length),
          ...localProblems(hosts, settings, typed.settings),
        ];
  const own = [...problems, ...rules, ...verbosityProblems(typed.settings)];
  const all = [...typed.problems, ...own, ...hostProblems, ...noNixProblems('rollback', typed)];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  return deepFreeze({
    verb: 'rollback',
    ...commonOf(hosts, settings, typed.settings),
    ...transactionOf(settings, 'each-alone'),
    limits: { ...defaultLimits, ...transactionLimitsOf(settings) },
    aim: aimOf(settings),
  });
}

/** Reads a check request, or tells every problem in it at once. */
export function readCheckRequest(typed: Typed): CheckRequest | Problem<'bad-arguments'> {
  const { value: settings, problems } = readCheckSettings(typed.settings);
  const { hosts, problems: hostProblems } = parseDestinations(typed.destinations);
  const rules = settings === undefined ? [] : elevateProblems(settings, typed.settings);
  const own = [...problems, ...rules, ...verbosityProblems(typed.settings)];
  const all = [...typed.problems, ...own, ...hostProblems, ...noNixProblems('check', typed)];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  return deepFreeze({
    verb: 'check',
    ...commonOf(hosts, settings, typed.settings),
    gates: gatesOf(settings),
    limits: {
      ...defaultLimits,
      connectTimeoutMs: settings.connectTimeout,
      startingTimeoutMs: settings.startingTimeout,
      answerTimeoutMs: settings.answerTimeout,
    },
  });
}

/** Reads a request of a verb that needs nothing but hosts, or tells every problem in it at once. */
export function readHostsRequest(verb: HostsRequest['verb'], typed: Typed): HostsRequest | Problem<'bad-arguments'> {
  const { value: settings, problems } = readDecideSettings(typed.settings);
  const { hosts, problems: hostProblems } = parseDestinations(typed.destinations);
  const rules = settings === undefined ? [] : elevateProblems(settings, typed.settings);
  const own = [...problems, ...rules, ...verbosityProblems(typed.settings)];
  const all = [...typed.problems, ...own, ...hostProblems, ...noNixProblems(verb, typed)];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  const { connectTimeout: connectTimeoutMs, answerTimeout: answerTimeoutMs } = settings;
  return deepFreeze({
    verb,
    ...commonOf(hosts, settings, typed.settings),
    limits: { ...defaultLimits, connectTimeoutMs, answerTimeoutMs },
  });
}

function noNixProblems(verb: string, { nixArguments }: Typed): readonly Problem<'bad-argument'>[] {
  if (nixArguments.length === 0) return [];
  const expected = `nothing: ${verb} runs no Nix`;
  return [{ code: 'bad-argument', argument: '--', expected, found: 'arguments for Nix' }];
}

function commonOf(hosts: readonly Host[], settings: DecideSettings, given: GivenSettings) {
  return {
    hosts,
    parallel: settings.parallel,
    ...(settings.sshConfig !== undefined && { sshConfigFile: settings.sshConfig }),
    sshOptions: settings.sshOption,
    connectTimeout: given.get('connectTimeout')?.from === 'default' ? 'default' : 'given',
    transport: settings.transport,
    elevate: settings.elevate,
    elevatePassword: elevatePasswordOf(settings),
    parallelConnects: settings.parallelConnects,
    output: settings.output,
    verbosity: verbosityOf(settings, given),
    ...(settings.logDir !== undefined && {
      logDir: { path: settings.logDir, source: given.get('logDir')?.source ?? '--log-dir' },
    }),
  } as const;
}

function gatesOf({ ignoreUnit, allowDegraded }: CheckSettings): Gates {
  return { ignoreUnits: ignoreUnit, degraded: allowDegraded ? 'allow' : 'refuse' };
}

function transactionOf(settings: RollbackSettings | DeploySettings, together: Policies['together']) {
  const { goal, unreachable, confirm, onUnitFailure, ifRollbackFails, preActivateScript } = settings;
  return {
    goal,
    unreachable,
    gates: gatesOf(settings),
    policies: { onUnitFailure, ifRollbackFails, confirm, together },
    ...(preActivateScript !== undefined && { selfCheck: preActivateScript }),
  } as const;
}

function limitsOf(settings: DeploySettings): Limits {
  return {
    ...transactionLimitsOf(settings),
    reconnectTimeoutMs: settings.reconnectTimeout,
    copyStallTimeoutMs: settings.copyStallTimeout,
    buildTimeoutMs: settings.buildTimeout,
  };
}

function transactionLimitsOf(settings: RollbackSettings | DeploySettings) {
  return {
    connectTimeoutMs: settings.connectTimeout,
    selfCheckTimeoutMs: settings.selfCheckTimeout,
    activationTimeoutMs: settings.activationTimeout,
    settleMs: settings.settle,
    confirmTimeoutMs: settings.confirmTimeout,
    confirmCapMs: settings.confirmCap,
    rollbackTimeoutMs: settings.rollbackTimeout,
    holdWindowMs: settings.holdWindow,
    rebootTimeoutMs: settings.rebootTimeout,
    waitLockMs: settings.waitLock,
    startingTimeoutMs: settings.startingTimeout,
    answerTimeoutMs: settings.answerTimeout,
  } as const;
}

function nixArgumentsOf(settings: DeploySettings): readonly string[] {
  return [
    ...(settings.impure ? ['--impure'] : []),
    ...(settings.acceptFlakeConfig ? ['--accept-flake-config'] : []),
    ...(settings.showTrace ? ['--show-trace'] : []),
    ...settings.option.flatMap(([name, value]) => ['--option', name, value]),
  ];
}

/** A flag beats a variable also between the two that exclude each other: -v is heard where FLURRY_QUIET is set. */
function verbosityOf(settings: DecideSettings, given: GivenSettings): Verbosity {
  const isHeard = !settings.quiet || given.get('verbose')?.from === 'flag';
  if (settings.verbose > 0 && isHeard) return settings.verbose > 1 ? 'debug' : 'verbose';
  return settings.quiet ? 'quiet' : 'normal';
}

function verbosityProblems(given: GivenSettings): readonly Problem<'bad-argument'>[] {
  const [verbose, quiet] = [given.get('verbose'), given.get('quiet')];
  if (verbose?.from !== 'flag' || quiet?.from !== 'flag') return [];
  return [{ code: 'bad-argument', argument: '--quiet', expected: '--verbose or --quiet', found: 'both' }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
