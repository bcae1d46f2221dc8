import type { Host, Reach } from '../core/host.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Gates, Policies } from '../core/plan.ts';
import type { Problem } from '../core/problem.ts';
import { actOf, askProblems } from './ask-rules.ts';
import { deepFreeze } from './deep-freeze.ts';
import { elevatePasswordOf, elevateProblems } from './elevate-rules.ts';
import { type Fleet, noFleet } from './fleet/fleet.ts';
import { checksOf } from './fleet/read-checks.ts';
import { brokenIn, type GivenSettings, withFlake } from './given.ts';
import { limitsOf, transactionLimitsOf } from './limits-of.ts';
import { localProblems } from './local-rules.ts';
import { readNixArguments } from './nix-arguments.ts';
import { oneMachineProblems } from './one-machine.ts';
import type { Verb } from './option.ts';
import type { CheckRequest, DeployRequest, HistoryRequest, HostsRequest, RollbackRequest } from './request.ts';
import { aimOf, aimProblems } from './rollback-aim.ts';
import { type Depending, rolloutOf } from './rollout.ts';
import { type Selection, selectHosts } from './selection.ts';
import {
  type CheckSettings,
  type DecideSettings,
  type DeploySettings,
  type FleetSettings,
  type HistorySettings,
  type Read,
  type RollbackSettings,
  readCheckSettings,
  readDecideSettings,
  readDeploySettings,
  readHistorySettings,
  readRollbackSettings,
} from './settings.ts';
import { specialisationProblems, whatRunsOf } from './specialisation-rules.ts';
import { togetherProblems } from './together-rules.ts';
import { noNixProblems, type Typed, verbosityOf, verbosityProblems } from './typed.ts';
import { capCoversTheFirstWait, rebootNeedsUnattendedBoot, rebootProblems } from './way-back-rules.ts';

/** Reads a deploy request on hosts of a fleet, or that of a plan, or tells every problem in it at once. */
export function readDeployRequest(
  typed: Typed,
  fleet: Fleet = noFleet,
  verb: 'deploy' | 'plan' = 'deploy',
): DeployRequest | Problem<'bad-arguments'> {
  const { run, hosts, problems } = readAll<DeploySettings>(verb, typed, fleet, readDeploySettings, [
    ...commonRules,
    { of: ['reboot', 'onInhibitor', 'unattendedBoot'], problems: rebootProblems },
    { of: ['allOrNothing', 'reboot', 'onInhibitor'], problems: togetherProblems },
    { of: ['specialisation', 'installBootloader', 'reboot', 'onInhibitor'], problems: specialisationProblems },
    { of: ['confirm', 'reboot', 'onInhibitor'], problems: ofLocal },
  ]);
  const nix = readNixArguments(typed.nixArguments);
  const given = withFlake(typed.settings, fleet.defaults, verb);
  const order = run && rolloutOf(run, given, hosts);
  const own = run === undefined ? [] : [...askProblems(run, given), ...(order?.problems ?? [])];
  const all = [...problems, ...own, ...nix.problems];
  if (run === undefined || order === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  const act = verb === 'plan' ? 'never' : actOf(run, given);
  const together = run.allOrNothing ? 'all-or-nothing' : 'each-alone';
  return deepFreeze({
    verb: act === 'never' ? 'plan' : 'deploy',
    act,
    ...commonOf(hosts, run, typed.settings, fleet),
    goal: run.goal,
    rollout: order.rollout,
    together,
    hosts: hosts.map(({ host, settings, checks }) => ({
      host,
      ...transactionOf(settings, together),
      ...checks,
      gates: { ...gatesOf(settings), ...(settings.allowDowngrade && { downgrade: 'allow' }) },
      limits: limitsOf(settings),
      reboots: { reboot: settings.reboot, onInhibitor: settings.onInhibitor },
      buildOn: settings.buildOn,
      ...(settings.noShortcut && { shortcut: 'never' as const }),
      ...whatRunsOf(settings),
    })),
    parallelReboots: run.parallelReboots,
    copyInputs: run.copyInputs,
    parallelCopies: run.parallelCopies,
    parallelBuilds: run.parallelBuilds,
  });
}

/** Reads a rollback request, or tells every problem in it at once. */
export function readRollbackRequest(typed: Typed, fleet: Fleet = noFleet): RollbackRequest | Problem<'bad-arguments'> {
  const { run, hosts, problems } = readAll<RollbackSettings>('rollback', typed, fleet, readRollbackSettings, [
    ...commonRules,
    { of: ['confirm'], problems: ofLocal },
  ]);
  const order = run && rolloutOf(run, withFlake(typed.settings, fleet.defaults, 'rollback'), hosts);
  const aims = run === undefined ? [] : aimProblems(run, typed.settings, hosts.length);
  const all = [...problems, ...aims, ...(order?.problems ?? [])];
  if (run === undefined || order === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  return deepFreeze({
    verb: 'rollback',
    ...commonOf(hosts, run, typed.settings, fleet),
    goal: run.goal,
    rollout: order.rollout,
    hosts: hosts.map(({ host, settings, checks }) => ({
      host,
      ...transactionOf(settings, 'each-alone'),
      ...checks,
      limits: { ...defaultLimits, ...transactionLimitsOf(settings) },
      reboots: { reboot: 'never', onInhibitor: 'refuse' },
      buildOn: 'target',
    })),
    aim: aimOf(run),
  });
}

/** Reads a check request, or tells every problem in it at once. */
export function readCheckRequest(typed: Typed, fleet: Fleet = noFleet): CheckRequest | Problem<'bad-arguments'> {
  const { run, hosts, problems } = readAll<CheckSettings>('check', typed, fleet, readCheckSettings, [elevateRule]);
  if (run === undefined || problems.length > 0) return { code: 'bad-arguments', problems };
  return deepFreeze({
    verb: 'check',
    ...commonOf(hosts, run, typed.settings, fleet),
    hosts: hosts.map(({ host, settings, checks }) => ({
      host,
      ...checks,
      gates: gatesOf(settings),
      limits: {
        ...defaultLimits,
        connectTimeoutMs: settings.connectTimeout,
        startingTimeoutMs: settings.startingTimeout,
        answerTimeoutMs: settings.answerTimeout,
      },
    })),
  });
}

/** Reads a request of a verb that needs nothing but hosts, or tells every problem in it at once. */
export function readHostsRequest(
  verb: Exclude<HostsRequest['verb'], 'history'>,
  typed: Typed,
  fleet: Fleet = noFleet,
): HostsRequest | Problem<'bad-arguments'> {
  const { run, hosts, problems } = readAll<FleetSettings>(verb, typed, fleet, readDecideSettings, [elevateRule]);
  if (run === undefined || problems.length > 0) return { code: 'bad-arguments', problems };
  return deepFreeze({
    verb,
    ...commonOf(hosts, run, typed.settings, fleet),
    hosts: hosts.map(lookedAt),
  });
}

/** Reads a request of `history`, or tells every problem in it at once. */
export function readHistoryRequest(typed: Typed, fleet: Fleet = noFleet): HistoryRequest | Problem<'bad-arguments'> {
  const { run, hosts, problems } = readAll<HistorySettings>('history', typed, fleet, readHistorySettings, [
    elevateRule,
  ]);
  if (run === undefined || problems.length > 0) return { code: 'bad-arguments', problems };
  const common = commonOf(hosts, run, typed.settings, fleet);
  return deepFreeze({ verb: 'history', ...common, hosts: hosts.map(lookedAt), last: run.last });
}

function lookedAt({ host, settings: { connectTimeout, answerTimeout } }: OneRead<DecideSettings>) {
  return {
    host,
    limits: { ...defaultLimits, connectTimeoutMs: connectTimeout, answerTimeoutMs: answerTimeout },
  } as const;
}

/** How settings go together. Where one of them cannot be read, the rule has nothing to say. */
interface Rule<Settings> {
  readonly of: readonly string[];
  readonly problems: (settings: Settings, given: GivenSettings, host: Host) => readonly Problem<'bad-argument'>[];
}

const elevateRule: Rule<DecideSettings> = { of: ['elevate'], problems: elevateProblems };
const commonRules: readonly Rule<RollbackSettings | DeploySettings>[] = [
  elevateRule,
  { of: ['ifRollbackFails', 'unattendedBoot'], problems: rebootNeedsUnattendedBoot },
  { of: ['confirmCap', 'confirmTimeout'], problems: capCoversTheFirstWait },
];

function ofLocal(settings: RollbackSettings | DeploySettings, given: GivenSettings, host: Host) {
  return localProblems([host], settings, given);
}

/** A host that was chosen, with all settings that hold for it. */
interface OneRead<Settings> extends Depending {
  readonly host: Host;
  readonly typed: string;
  readonly settings: Settings;
  readonly checks: ReturnType<typeof checksOf>;
}

/** Reads the settings of the run and those of each host that was chosen, with the rules by which they go together. */
function readAll<Settings extends DecideSettings>(
  verb: Verb,
  typed: Typed,
  fleet: Fleet,
  reader: (given: GivenSettings) => Read<Settings>,
  rules: readonly Rule<Settings>[],
): {
  readonly run?: Settings;
  readonly hosts: readonly OneRead<Settings>[];
  readonly problems: readonly Problem<'bad-argument'>[];
} {
  const { selected, problems: selectionProblems } = chosenFrom(fleet, typed);
  const run = reader(withFlake(typed.settings, fleet.defaults, verb));
  const problems = [...typed.problems, ...fleet.problems, ...run.problems, ...verbosityProblems(typed.settings)];
  if (meetsTransactions(verb)) problems.push(...oneMachineProblems(selected));
  const judge = (settings: Settings, ofFlake: GivenSettings, host: Host) => {
    const broken = brokenIn(typed.settings, ofFlake, verb);
    const given = withFlake(typed.settings, ofFlake, verb);
    const known = rules.filter(({ of }) => !of.some((name) => broken.has(name)));
    problems.push(...known.flatMap((rule) => rule.problems(settings, given, host)));
  };
  const hosts: OneRead<Settings>[] = [];
  for (const { host, settings: ofFlake, checks: declared, typed: word, dependsOn } of run.value === undefined
    ? []
    : selected) {
    const given = withFlake(typed.settings, ofFlake, verb);
    const { value: settings, problems: own } = reader(given);
    problems.push(...own);
    if (settings === undefined) continue;
    judge(settings, ofFlake, host);
    const checks = checksOf(declared);
    hosts.push({ host: { ...host, reach: reachOf(settings, given) }, typed: word, settings, checks, dependsOn });
  }
  // Without a host the settings are judged all the same.
  if (run.value !== undefined && selected.length === 0) judge(run.value, fleet.defaults, { name: '', address: '' });
  return {
    ...(run.value !== undefined && { run: run.value }),
    hosts,
    problems: distinct([...problems, ...selectionProblems, ...noNixProblems(verb, typed)]),
  };
}

/** Where no host of the flake could be read, that is the one thing to be mended: no word can be told to mean none. */
function chosenFrom(fleet: Fleet, typed: Typed): Selection {
  return fleet.problems.length > 0 && fleet.hosts.length === 0
    ? { selected: [], problems: [] }
    : selectHosts(typed, fleet);
}

/** Whoever only looks may look at a machine under each of its names. */
function meetsTransactions(verb: Verb): boolean {
  return verb === 'deploy' || verb === 'rollback' || verb === 'confirm' || verb === 'abort';
}

/** What many hosts have in common is told once. */
function distinct(problems: readonly Problem<'bad-argument'>[]): readonly Problem<'bad-argument'>[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function commonOf(
  hosts: readonly OneRead<DecideSettings>[],
  settings: DecideSettings,
  given: GivenSettings,
  { kind: fleet }: Fleet,
) {
  return {
    fleet,
    typed: new Map(hosts.map(({ host, typed }) => [host.name, typed])),
    parallel: settings.parallel,
    ...(settings.sshConfig !== undefined && { sshConfigFile: settings.sshConfig }),
    elevatePassword: elevatePasswordOf(settings),
    parallelConnects: settings.parallelConnects,
    output: settings.output,
    verbosity: verbosityOf(settings, given),
    ...(settings.logDir !== undefined && {
      logDir: { path: settings.logDir, source: given.get('logDir')?.source ?? '--log-dir' },
    }),
  } as const;
}

function reachOf({ sshOptions, transport, elevate }: DecideSettings, given: GivenSettings): Reach {
  const connectTimeout = given.get('connectTimeout')?.from === 'default' ? 'default' : 'given';
  return { sshOptions, connectTimeout, transport, elevate };
}

function gatesOf({ ignoreUnits, allowDegraded }: Pick<CheckSettings, 'ignoreUnits' | 'allowDegraded'>): Gates {
  return { ignoreUnits, degraded: allowDegraded ? 'allow' : 'refuse' };
}

function transactionOf(settings: RollbackSettings | DeploySettings, together: Policies['together']) {
  const { goal, confirm, onUnitFailure, onCheckFailure, ifRollbackFails, preActivateScript } = settings;
  return {
    goal,
    gates: gatesOf(settings),
    policies: { onUnitFailure, onCheckFailure, ifRollbackFails, confirm, together },
    ...(preActivateScript !== undefined && { selfCheck: preActivateScript }),
  } as const;
}
