import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rule } from './model.ts';
import { play, playHistories } from './random-histories.ts';

// Twenty times as many: model.faults.test.ts.
const histories = 1000;

describe('the model of the transaction', () => {
  it(`in ${histories} random histories never touches what nobody released, never boots what nobody confirmed, and never lacks who decides`, () => {
    playHistories(histories);
  });

  const needed: Readonly<Record<Rule, RegExp>> = {
    timer: /^AssertionError.*nobody will ever decide/,
    'released-first': /^AssertionError.*touched before it was released/,
    'one-token': /^AssertionError.*(accepted is kept|boots what nobody confirmed)/,
    intent: /^AssertionError.*after a reboot and the next contact/,
    'ends-the-test': /^AssertionError.*(wholly|in doubt only)/,
    'confirmed-is-kept': /^AssertionError.*confirmation that was accepted is kept/,
    'profile-restored': /^AssertionError.*in doubt only/,
    'state-before-test': /^AssertionError.*failed: wholly old/,
    'state-after-the-kill': /^AssertionError.*failed: wholly old/,
    'loader-before-profile': /^AssertionError.*after a reboot and the next contact/,
    'verdict-stands': /^AssertionError.*wholly/,
  };
  for (const rule of Object.keys(needed).filter((name): name is Rule => name in needed)) {
    it(`finds out where the rule “${rule}” is left out`, () => {
      assert.throws(() => {
        for (let index = 0; index < 20_000; index += 1) play(index, rule);
      }, needed[rule]);
    });
  }
});
