import assert from 'node:assert/strict';
import type { Event, HostResult } from '../../src/core/event.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { everythingKept, keptDifferences } from './host-claims.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

export type Plan = Extract<Event, { readonly event: 'plan' }>;

/** What a plan told of a host and what the deployment behind it then was. */
export interface PlannedAndDone {
  /** Absent where a gate, or the build, said no. */
  readonly plan: Plan | undefined;
  readonly planned: HostResult;
  readonly done: HostResult;
}

/**
 * Plans, looks that nothing has changed on the host but its store, deploys with the same words, and looks that it came
 * as it was told: the verdict, what runs and boots, whether it rebooted, and what became of its units.
 */
export async function planAndDeploy(
  lease: Lease,
  host: HostHandle,
  words: readonly string[],
  cwd: string,
): Promise<PlannedAndDone> {
  const kept = await keptOn(host);
  const ran = await unitsOf(host);
  const [planRun, plan] = await planOf(lease, host, words, cwd);
  const planned = planRun.result(host.name);
  assert.deepEqual(keptDifferences(kept, await keptOn(host)), [], planRun.tail);
  const before = await unitsOf(host);
  assert.deepEqual(before, ran, 'no unit was started, stopped or restarted by the plan');
  const bootId = await bootIdOf(host);

  const run = await flurry(lease, words, { cwd, limitMs: 240_000 });
  const done = run.result(host.name);
  const told = { plan, planned, done };
  if (plan === undefined) {
    assert.deepEqual([done.verdict, done.code, run.code], [planned.verdict, planned.code, 1], run.tail);
    assert.equal(planRun.code, 1);
    return told;
  }
  assert.deepEqual([done.verdict, run.code, planRun.code], [plan.verdict, 0, 0], run.tail);
  const isNew = { running: ['promoted', 'tested', 'unchanged'], bootDefault: ['promoted', 'staged', 'unchanged'] };
  const found = await host.facts();
  assert.equal(found.running, isNew.running.includes(plan.verdict) ? plan.toplevel : planned.running);
  assert.equal(found.bootDefault, isNew.bootDefault.includes(plan.verdict) ? plan.toplevel : planned.bootDefault);
  assert.equal((await bootIdOf(host)) !== bootId, plan.reboots);
  const after = await unitsOf(host);
  // A preview tells what a later deployment would do, and does none of it.
  if (plan.verdict === 'previewed') assert.deepEqual(after, before);
  else if (!plan.reboots) assertUnits(plan, before, after);
  return told;
}

async function planOf(
  lease: Lease,
  host: HostHandle,
  words: readonly string[],
  cwd: string,
): Promise<readonly [FlurryEnd, Plan | undefined]> {
  const run = await flurry(lease, ['plan', ...words], { cwd });
  const plans = run.events.flatMap((event) => (event.event === 'plan' && event.host === host.name ? [event] : []));
  return [run, plans[0]];
}

/** All that is kept there but the store, what Nix notes of it (as root it keeps its evaluations), and what systemd has only heard of. */
async function keptOn(host: HostHandle): Promise<readonly string[]> {
  const ofNix =
    /^\/nix\/(?:store\/|var\/nix\/(?:db|temproots|userpool|userpool2|gc\.lock)|var\/log\/nix)|^\/root\/\.cache/;
  // The lock file of NixOS's own program, which makes it where the host has not been switched since its boot.
  const lock = /^\/run\/nixos\/switch-to-configuration\.lock\|/;
  const heardOf = /^\/run\/systemd\/transient\|d\||^\S+ not-found inactive dead$/;
  return (await everythingKept(host)).filter((line) => ![ofNix, lock, heardOf].some((known) => known.test(line)));
}

/** The invocation of each unit that is active. */
async function unitsOf(host: HostHandle): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await host.inside(`
    units=$(systemctl list-units --plain --no-legend --full --state=active --type=service,timer,socket | cut -d ' ' -f 1 |
      grep -v -e '^flurry-' -e '^user' -e '^ssh@' -e '^systemd-')
    systemctl show --property=Id,InvocationID -- $units`);
  const entries = stdout.trim().split('\n\n');
  return Object.fromEntries(
    entries.map((entry) => {
      const [, id = ''] = /^Id=(.*)$/m.exec(entry) ?? [];
      const [, invocation = ''] = /^InvocationID=(.*)$/m.exec(entry) ?? [];
      return [id, invocation];
    }),
  );
}

function assertUnits(
  { units }: Plan,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
) {
  const changed = {
    stopped: Object.keys(before).filter((unit) => !(unit in after)),
    started: Object.keys(after).filter((unit) => !(unit in before)),
    restarted: Object.keys(after).filter((unit) => unit in before && before[unit] !== after[unit]),
  };
  const { stopped, started, restarted } = units ?? { stopped: [], started: [], restarted: [] };
  assert.deepEqual(
    {
      stopped: changed.stopped.toSorted(),
      started: changed.started.toSorted(),
      restarted: changed.restarted.toSorted(),
    },
    { stopped, started, restarted },
  );
}

async function bootIdOf(host: HostHandle): Promise<string> {
  return (await host.inside('cat /proc/sys/kernel/random/boot_id')).stdout.trim();
}
