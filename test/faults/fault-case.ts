import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { logMark, readEntry } from '../../src/host/journal.ts';
import { dumpLease, leaseHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import { type HostAfter, hostAfter, untilOver } from './after.ts';
import type { CoordinatorEnd } from './coordinator.ts';
import { configurationOf, type Ending, type Fault, type FaultName, faults } from './faults.ts';
import type { ConfigurationName } from './faulty-flake.ts';
import { type Point, type PointName, points, progressAt } from './points.ts';
import { deployTo, release, type Scene, type Stage, untilHalted, type Violation, wishHalts } from './scene.ts';

/** A fault at a point of the transaction. */
export interface FaultCase {
  readonly fault: FaultName;
  readonly point: PointName;
  /** Afterwards the host is rebooted, and comes up in its boot default. */
  readonly reboots?: boolean;
  /** Afterwards one more system is deployed, which goes through as if nothing had been. */
  readonly deploysAgain?: boolean;
}

export interface CaseResult {
  readonly name: string;
  readonly ending: string;
  readonly violations: readonly Violation[];
  readonly seconds: number;
}

export function nameOf({ fault, point }: FaultCase): string {
  return `${fault}:${point}`;
}

/** Runs one case on a leased host of its own. A violation, and what goes wrong in the harness, is dumped and told. */
export async function runCase(stage: Stage, faultCase: FaultCase): Promise<CaseResult> {
  const lease = await leaseHosts(1);
  const startedAt = performance.now();
  const violations: Violation[] = [];
  let ending = 'unknown';
  let told = '';
  try {
    const [host] = lease.hosts;
    if (host === undefined) throw new Error('a lease without a host');
    await undoAll(host);
    const done = await play(stage, lease, host, faultCase, violations);
    ending = done.ending;
    told = done.told;
  } catch (error) {
    violations.push({
      what: 'the case can be run',
      expected: 'yes',
      found: error instanceof Error ? error.message : String(error),
    });
  }
  if (violations.length > 0) {
    const dump = await dumpLease(lease);
    await writeFile(join(dump, 'flurry-said.txt'), told);
    violations.push({ what: 'to look at', expected: 'nothing', found: dump });
  }
  if (lease.hosts[0] !== undefined) await undoAll(lease.hosts[0]);
  await lease.release();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { name: nameOf(faultCase), ending, violations, seconds };
}

async function play(
  stage: Stage,
  lease: Lease,
  host: HostHandle,
  { fault: faultName, point, reboots, deploysAgain }: FaultCase,
  violations: Violation[],
): Promise<{ readonly ending: string; readonly told: string }> {
  const fault: Fault = faults[faultName];
  const limitMs = fault.limitMs ?? 100_000;
  const configuration = configurationOf(fault, point);
  const deploy = (name: typeof configuration, ...words: readonly string[]) =>
    deployTo(stage, lease, name, words, limitMs + 120_000);
  const claim = (what: string, expected: string, found: string): void => {
    if (expected !== found) violations.push({ what, expected, found });
  };
  const early = { host, toplevels: stage.toplevels, claim, deploy, mainUnit: '' };
  // Prepared with a coordinator that is not there yet: nothing prepares by it.
  await fault.prepare?.({ ...early, coordinator: absent });
  const { words = [], from }: Point = points[point];
  if (from !== undefined) {
    const { verdict, tail } = await deploy(from).ended;
    if (verdict !== 'promoted') throw new Error(`${from}, which was to be the old system, is ${verdict}:\n${tail}`);
  }
  if (fault.inject !== undefined) await wishHalts(host, point);
  const coordinator = deploy(configuration, ...words, ...(fault.words ?? []));
  try {
    if (fault.inject !== undefined) await untilHalted(host, point, coordinator);
    else await host.waitUntil('a transaction has begun', 'systemctl is-active --quiet flurry-activate', 90_000);
    const run = coordinator.deployment() ?? 'unknown';
    const isBack = points[point].state === 'rolling-back';
    const scene: Scene = {
      ...early,
      coordinator,
      mainUnit: isBack ? `flurry-rollback-${run}.service` : 'flurry-activate.service',
    };
    await fault.inject?.(scene);
    await release(host);
    await fault.onceReleased?.(scene);
    const first = await untilOver(host, limitMs);
    if (first === undefined) throw new Error(`${host.name} cannot be looked at`);
    await fault.undo?.(scene);
    const end = await coordinator.ended;
    // A coordinator that lives clears up itself; both are over now.
    const after = (await untilOver(host, 15_000)) ?? first;
    const isKilled = coordinator.wasKilled();
    // What a trial has proven is promoted by a second transaction.
    const ids = [run, `${run}-boot`].filter((id, index) => index === 0 || hasBegun(after, id));
    const id = ids.at(-1) ?? run;
    const judged = judge({ stage, lease, fault, point, id, after, end, isKilled }, claim);
    if (fault.keepsContact === true) {
      const printed = (await Promise.all(ids.map((each) => printedOn(host, each)))).flat();
      claim('the log has each line once', lines(printed), lines(coordinator.logged()));
      claim('there was a log', 'yes', printed.length > 20 ? 'yes' : `${printed.length} lines`);
    }
    await answersAgain(lease, host, claim);
    if (reboots === true) await comesUpInItsDefault(host, after, claim);
    const open = hasBegun(after, id) && judged.recorded === undefined;
    if ((deploysAgain === true || open) && fault.changedByOthers !== true) {
      // What it runs already would prove little.
      await nextDeployment({ stage, host, deploy, next: from === 'sound' ? 'other' : 'sound' }, claim);
    }
    return { ending: judged.ending, told: `flurry said:\n${end.tail}` };
  } finally {
    coordinator.kill();
    await coordinator.ended;
  }
}

/** What a lease's reset does not see, be it left by a run that was killed; a host that is off needs none of it. */
async function undoAll(host: HostHandle): Promise<void> {
  const script = `mount -o remount,size=20% /run; rm -rf /var/fleet-fill* /run/fleet-halt
    rm -rf /var/lib/fleet-halt /run/systemd/system/flurry-.service.d; systemctl daemon-reload
    systemctl restart systemd-logind`;
  await host.inside(script, [], { allowFailure: true, timeoutMs: 20_000 }).catch(() => {});
}

/** What the units of the deployment printed before the coordinator had its verdict, from the host's own journal. */
async function printedOn(host: HostHandle, id: string): Promise<readonly string[]> {
  const words =
    'journalctl --no-pager --output=json --output-fields=MESSAGE,_SYSTEMD_UNIT SYSLOG_IDENTIFIER="flurry-$1"';
  const { stdout } = await host.inside(words, [id], { timeoutMs: 20_000 });
  const messages = stdout.split('\n').flatMap((line) => readEntry(line)?.message ?? []);
  const isMark = (message: string): boolean => message.startsWith(logMark(id, '').split(' of ')[0] ?? '');
  return messages
    .slice(0, messages.findLastIndex(isMark))
    .filter((message) => !isMark(message))
    .flatMap((message) => message.split('\n'));
}

/** Long logs are told by where they differ. */
function lines(log: readonly string[]): string {
  return `${log.length} lines:\n${log.join('\n')}`;
}

interface Judged {
  readonly stage: Stage;
  readonly lease: Lease;
  readonly fault: Fault;
  readonly point: PointName;
  readonly id: string;
  readonly after: HostAfter;
  readonly end: CoordinatorEnd;
  readonly isKilled: boolean;
}

const exitCodes: Readonly<Record<string, number>> = {
  promoted: 0,
  tested: 0,
  failed: 1,
  refused: 1,
  'rolled-back': 1,
  'in-doubt': 3,
};

/** The host is wholly one of the two systems, nothing is left, and the record and the coordinator say what is so. */
function judge(
  { stage, lease, fault, point, id, after, end, isKilled }: Judged,
  claim: Scene['claim'],
): { readonly ending: Ending; readonly recorded: string | undefined } {
  const { from, behindReboot }: Point = points[point];
  const old = from === undefined ? lease.baseToplevel : stage.toplevels[from];
  const own = stage.toplevels[configurationOf(fault, point)];
  const verdicts = after.history
    .filter((line) => line.id === id && line.event === 'ended')
    .map(({ verdict }) => verdict);
  const begun = hasBegun(after, id);
  const recorded = verdicts[0];
  claim('at most one verdict', 'yes', verdicts.length <= 1 ? 'yes' : verdicts.join(', '));
  claim(
    'every line of the history is JSON',
    '',
    after.history
      .filter(({ event }) => event.startsWith('not JSON'))
      .map(({ event }) => event)
      .join('; '),
  );
  claim('nothing is left', '', after.left.join('; '));

  const allowed: readonly string[] = fault.endings[progressAt[point]];
  const seen = recorded ?? (begun ? openEnding(after, own) : (end.verdict ?? 'none'));
  const ending = isEnding(seen) ? seen : 'in-doubt';
  claim(
    'how it ends',
    allowed.join(' or '),
    allowed.includes(seen) ? allowed.join(' or ') : `${seen} (${end.problem})`,
  );

  if (fault.changedByOthers !== true) {
    const system = ending === 'promoted' ? own : old;
    const name = (path: string): string => (path === old ? 'old' : path === own ? 'new' : path);
    // A trial is prepared, and nobody has come to reboot it.
    const runs = ending === 'tested' ? own : system;
    if (ending !== 'in-doubt') claim('it runs', name(runs), name(after.running));
    claim('it boots', name(system), name(after.bootDefault));
    claim('its profile is', name(system), name(after.profile));
    claim('the unit of the new system runs', String(after.running === own || from !== undefined), String(after.own));
  }
  claim('it boots once', ending === 'tested' ? own : '-', after.bootsOnce);
  claim('units that any system has run', '', after.missing.join('; '));
  // What could not be put back may hold on to what failed, and says so.
  if (ending !== 'in-doubt') claim('failed units', '', after.failed.join(' '));
  if (!isKilled) {
    // It has rebooted the host, which could not promote what it tried, into the old system.
    const told = behindReboot === true && recorded === 'failed' ? 'rolled-back' : recorded;
    claim(
      'the coordinator says what the host says',
      told ?? (begun ? 'the verdict' : ending),
      end.verdict ?? `nothing: ${end.problem}`,
    );
    claim('its exit code', String(exitCodes[end.verdict ?? ''] ?? 'one of them'), String(end.code));
  }
  return { ending, recorded };
}

function hasBegun({ history }: HostAfter, id: string): boolean {
  return history.some((line) => line.event === 'begun' && line.id === id);
}

/** What a record that was cut off has to become. */
function openEnding(after: HostAfter, own: string): Ending {
  return after.running === own && after.bootDefault === own ? 'promoted' : 'rolled-back';
}

function isEnding(word: string): word is Ending {
  return ['none', 'failed', 'refused', 'rolled-back', 'tested', 'promoted', 'in-doubt'].includes(word);
}

async function answersAgain(lease: Lease, host: HostHandle, claim: Scene['claim']): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const words = ['-F', lease.sshConfig, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', host.name, 'true'];
    const found = await program('timeout', ['20', 'ssh', ...words], { allowFailure: true });
    if (found.code === 0) return;
    if (performance.now() > deadline)
      return claim('it answers SSH', 'yes', `exit ${found.code} ${found.stderr.trim()}`);
    await pause(500);
  }
}

async function comesUpInItsDefault(host: HostHandle, before: HostAfter, claim: Scene['claim']): Promise<void> {
  if (before.bootsOnce !== '-') {
    await host.reboot();
    claim('after the first reboot it runs', before.bootsOnce, (await hostAfter(host)).running);
  }
  await host.reboot();
  const after = await hostAfter(host);
  claim('after a reboot it runs', before.bootDefault, after.running);
  claim('after a reboot it boots', before.bootDefault, after.bootDefault);
  claim('after a reboot nothing is left', '', after.left.join('; '));
}

interface Next extends Pick<Scene, 'host' | 'deploy'> {
  readonly stage: Stage;
  readonly next: ConfigurationName;
}

async function nextDeployment({ stage, host, deploy, next }: Next, claim: Scene['claim']): Promise<void> {
  const end = await deploy(next).ended;
  const isWell = end.verdict === 'promoted' || end.verdict === 'unchanged';
  claim('the next deployment goes through', 'promoted', isWell ? 'promoted' : `${end.verdict} ${end.problem}`);
  const after = await untilOver(host, 20_000);
  if (after === undefined) return claim('the host can be looked at', 'yes', 'no');
  claim('after the next deployment nothing is left', '', [...after.left, ...after.dangling].join('; '));
  claim(
    'after the next deployment it runs and boots it',
    'yes',
    [after.running, after.bootDefault].every((path) => path === stage.toplevels[next])
      ? 'yes'
      : `${after.running} ${after.bootDefault}`,
  );
  const open = after.history.filter(
    (line) =>
      line.event === 'begun' &&
      after.history.filter(({ event, id }) => event === 'ended' && id === line.id).length !== 1,
  );
  claim('every deployment has one verdict', '', open.map(({ id }) => id).join(' '));
}

const absent = {
  ended: new Promise<CoordinatorEnd>(() => {}),
  hasEnded: () => false,
  wasKilled: () => false,
  logged: () => [],
  deployment: () => undefined,
  kill: () => {},
} as const;
