import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../../src/core/limits.ts';
import { type LastSaid, ownCourse, soonestBackMs, type Terms } from '../../src/deploy/own-course.ts';
import { transactionStates } from '../../src/host/transaction.ts';

const terms: Terms = {
  goal: 'promote',
  limits: defaultLimits,
  policies: { confirm: 'auto', ifRollbackFails: 'hold', together: 'each-alone' },
};

const told = (said: LastSaid, other: Partial<Terms> = {}) => {
  const { course, does, withinMs } = ownCourse(said, { ...terms, ...other });
  return [course, withinMs === undefined ? null : withinMs / 1000, does];
};

test('a host that waits to be confirmed puts itself back at the deadline that it said', () => {
  assert.deepEqual(told({ state: 'waiting', secondsLeft: 48 }), [
    'goes-back',
    48,
    'unless it is confirmed in time, it puts back what it ran before',
  ]);
  assert.deepEqual(told({ state: 'waiting' })[1], 60);
  assert.deepEqual(told({ state: 'waiting', secondsLeft: -3 })[1], 0);
});

test('where a person is asked, a deadline that was read may have been moved since', () => {
  const asked = { policies: { ...terms.policies, confirm: 'ask' } } as const;
  assert.equal(told({ state: 'waiting', secondsLeft: 48 }, asked)[1], 60);
});

test('so it may have been where other hosts are waited for', () => {
  const together = { policies: { ...terms.policies, together: 'all-or-nothing' } } as const;
  assert.equal(told({ state: 'waiting', secondsLeft: 48 }, together)[1], 60);
  assert.deepEqual(told({ state: 'gated', secondsLeft: 48 }, together), [
    'stays',
    60,
    'unless it is released to go on, it changes nothing',
  ]);
});

test('before it waits, the deadlines of all states to come are added', () => {
  const does = 'unless it is confirmed in time, it puts back what it ran before, 1 min after its test and checks';
  // 600 of 690 s for the test, 65 for the checks, 60 to be confirmed, 20 until the way back has looked.
  assert.deepEqual(told({ state: 'testing', secondsLeft: 600 }), ['goes-back', 745, does]);
  assert.deepEqual(told({ state: 'testing' }), ['goes-back', 835, does]);
  assert.deepEqual(told({ state: 'verifying', secondsLeft: 62 }), ['goes-back', 142, does]);
});

test('before its test, or where it was not heard of yet, it may not have changed anything', () => {
  const does = 'unless it is confirmed in time, it puts back whatever it changes';
  assert.deepEqual(told({ state: 'gating', secondsLeft: 200 }), ['goes-back', 1035, does]);
  assert.deepEqual(told({}), ['goes-back', 1045, does]);
});

test('once confirmed it promotes, within the limits of the boot loader, also where it is killed and where it fails', () => {
  assert.deepEqual(told({ state: 'promoting', secondsLeft: 410 }), [
    'promotes',
    1220,
    'it was confirmed, and makes the new system its boot default; if that fails, it puts back what it ran before',
  ]);
});

test('on its way back only the limits of that way count', () => {
  const is = ['is-going-back', 445, 'it puts back what it ran before'];
  assert.deepEqual(told({ state: 'rolling-back', secondsLeft: -40 }), is);
  assert.deepEqual(told({ state: 'rolling-back' }), is);
});

test('a host that could not put itself back does as its policy says', () => {
  const reboots = { policies: { ...terms.policies, ifRollbackFails: 'reboot' } } as const;
  assert.deepEqual(told({ state: 'holding', secondsLeft: 170 }), [
    'holds',
    170,
    'it could not wholly put back what it ran before, and stays as it is',
  ]);
  assert.deepEqual(told({ state: 'holding' }, reboots), [
    'reboots',
    180,
    'it could not wholly put back what it ran before, and reboots into its boot default',
  ]);
});

test('a goal that confirms nothing goes its way to the end', () => {
  const stages = 'it makes the new system its boot default, and does not change what it runs';
  assert.deepEqual(told({ state: 'armed', secondsLeft: 600 }, { goal: 'boot' })[2], stages);
  assert.deepEqual(told({ state: 'promoting', secondsLeft: 400 }, { goal: 'boot' })[0], 'stages');
  assert.deepEqual(told({ state: 'gating' }, { goal: 'dry-activate' }), [
    'previews',
    null,
    'it only looks at what would be done, and changes nothing',
  ]);
});

test('a trial keeps its boot default, and its test is confirmed as any other', () => {
  const once = 'it prepares to boot the new system once, and boots by default what it booted before';
  assert.deepEqual(told({ state: 'promoting', secondsLeft: 400 }, { trial: 'yes' })[2], once);
  assert.deepEqual(told({ state: 'armed' }, { goal: 'boot', trial: 'yes' })[0], 'stages-once');
  assert.deepEqual(told({ state: 'waiting' }, { trial: 'yes' })[0], 'goes-back');
});

test('of a transaction that was begun elsewhere nobody knows by when', () => {
  for (const state of transactionStates) {
    assert.equal(ownCourse({ state, secondsLeft: 10 }, undefined).withinMs, undefined, state);
  }
  assert.equal(
    ownCourse({ state: 'testing', secondsLeft: 10 }, undefined).does,
    'unless it is confirmed in time, it puts back what it ran before',
  );
});

test('how soon a host can have put itself back: at the deadline that it said, or with a test that takes no time', () => {
  const seconds = (said: LastSaid, theirs: Terms | undefined = terms) => {
    const ms = soonestBackMs(said, theirs);
    return ms === undefined ? null : ms / 1000;
  };
  assert.equal(seconds({ state: 'waiting', secondsLeft: 48 }), 48);
  assert.equal(seconds({ state: 'waiting' }), 60);
  assert.equal(seconds({ state: 'testing', secondsLeft: 600 }), 65);
  assert.equal(seconds({ state: 'verifying', secondsLeft: 62 }), 60);
  assert.equal(seconds({ state: 'rolling-back' }), 0);
  assert.equal(seconds({ state: 'promoting', secondsLeft: 400 }), 0);
  assert.equal(seconds({ state: 'building' }), null);
});
