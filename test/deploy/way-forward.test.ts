import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Goal } from '../../src/core/goal.ts';
import type { Reboots } from '../../src/core/plan.ts';
import { problemOf } from '../../src/core/problem.ts';
import { wayForward } from '../../src/deploy/way-forward.ts';
import type { SystemChange } from '../../src/host/change.ts';

const none: SystemChange = { inhibitors: [], bootsOther: [], bootOnce: 'can', specialisations: new Map() };
const kernel: SystemChange = { ...none, bootsOther: ['kernel'] };
const inhibited: SystemChange = { ...none, inhibitors: [{ key: 'dbus', old: 'dbus', new: 'broker' }] };

/** The way as three words: goal, trial or whole, reboot or not. */
function way(goal: Goal, reboots: Partial<Reboots>, change: SystemChange): string {
  try {
    const found = wayForward(goal, { reboot: 'never', onInhibitor: 'refuse', ...reboots }, change);
    return [
      found.goal,
      ...(found.trial === 'yes' ? ['trial'] : []),
      ...(found.reboot === 'yes' ? ['reboot'] : []),
    ].join(' ');
  } catch (error) {
    return problemOf(error).code;
  }
}

const claims: readonly (readonly [title: string, found: string, expected: string])[] = [
  ['nobody asked for a reboot: a new kernel is promoted', way('promote', {}, kernel), 'promote'],
  ['if needed, and nothing differs', way('promote', { reboot: 'if-needed' }, none), 'promote'],
  ['if needed, with a new kernel: a trial', way('promote', { reboot: 'if-needed' }, kernel), 'promote trial reboot'],
  [
    'a loader that cannot boot once: promoted, then rebooted',
    way('promote', { reboot: 'if-needed' }, { ...kernel, bootOnce: 'cannot' }),
    'promote reboot',
  ],
  [
    'always, and nothing differs: what was tested needs no trial',
    way('promote', { reboot: 'always' }, none),
    'promote reboot',
  ],
  ['goal boot: what nobody has tested is tried', way('boot', { reboot: 'always' }, none), 'boot trial reboot'],
  ['goal boot, if needed, and nothing differs', way('boot', { reboot: 'if-needed' }, none), 'boot'],
  ['goal test never reboots', way('test', { reboot: 'always' }, kernel), 'test'],
  [
    'goals that activate nothing never reboot',
    way('dry-activate', { reboot: 'always', onInhibitor: 'boot' }, inhibited),
    'dry-activate',
  ],
  ['an inhibitor refuses a promotion', way('promote', { reboot: 'always' }, inhibited), 'switch-inhibited'],
  ['and a test, whatever was asked for', way('test', { onInhibitor: 'boot' }, inhibited), 'switch-inhibited'],
  ['but no goal boot', way('boot', {}, inhibited), 'boot'],
  ['on-inhibitor boot stages it', way('promote', { onInhibitor: 'boot' }, inhibited), 'boot'],
  [
    'and has it tried where a reboot was asked for',
    way('promote', { onInhibitor: 'boot', reboot: 'if-needed' }, inhibited),
    'boot trial reboot',
  ],
  [
    'on-inhibitor boot-and-reboot tries it',
    way('promote', { onInhibitor: 'boot-and-reboot' }, inhibited),
    'boot trial reboot',
  ],
  ['which says nothing where nothing inhibits', way('promote', { onInhibitor: 'boot-and-reboot' }, kernel), 'promote'],
];
for (const [title, found, expected] of claims) {
  test(title, () => assert.equal(found, expected));
}
