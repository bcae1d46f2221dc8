import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Goal } from '../../src/core/goal.ts';
import type { Reboots } from '../../src/core/plan.ts';
import { decisionFor, touchesHost, verdictIfWell } from '../../src/deploy/decision.ts';
import type { SystemChange } from '../../src/host/change.ts';
import { healthy } from './sample-facts.ts';

const same: SystemChange = { inhibitors: [], bootsOther: [], bootOnce: 'can', specialisations: new Map() };
const kernel: SystemChange = { ...same, bootsOther: ['kernel'] };
const inhibited: SystemChange = { ...same, inhibitors: [{ key: 'dbus', old: 'a', new: 'b' }] };
const other = '/nix/store/00000000000000000000000000000000-nixos-system-other';

const rows: readonly {
  readonly what: string;
  readonly goal: Goal;
  readonly settled?: 'yes';
  readonly change?: SystemChange;
  readonly reboots?: Partial<Reboots>;
  readonly ends: string;
  readonly touches: boolean;
}[] = [
  { what: 'a build', goal: 'build', ends: 'built', touches: false },
  { what: 'a host that runs and boots it', goal: 'promote', settled: 'yes', ends: 'unchanged', touches: false },
  {
    what: 'one that was never rebooted into it',
    goal: 'promote',
    settled: 'yes',
    change: kernel,
    reboots: { reboot: 'if-needed' },
    ends: 'promoted',
    touches: true,
  },
  { what: 'a preview', goal: 'dry-activate', ends: 'previewed', touches: false },
  { what: 'a test', goal: 'test', ends: 'tested', touches: true },
  { what: 'a boot', goal: 'boot', ends: 'staged', touches: true },
  { what: 'a boot with its reboot', goal: 'boot', reboots: { reboot: 'always' }, ends: 'promoted', touches: true },
  { what: 'a promotion', goal: 'promote', ends: 'promoted', touches: true },
  {
    what: 'one that is inhibited',
    goal: 'promote',
    change: inhibited,
    reboots: { onInhibitor: 'boot' },
    ends: 'staged',
    touches: true,
  },
];

for (const { what, goal, settled, change = same, reboots, ends, touches } of rows) {
  test(`${what} ends ${ends} if all goes well`, () => {
    const toplevel = settled === 'yes' ? healthy.running : other;
    const plan = { goal, reboots: { reboot: 'never', onInhibitor: 'refuse', ...reboots } } as const;
    const decision = decisionFor(plan, healthy, { toplevel, change });
    assert.deepEqual([verdictIfWell(decision), touchesHost(decision)], [ends, touches]);
  });
}
