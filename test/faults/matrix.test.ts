import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { faultNames, smallCases } from './cases.ts';
import { nameOf, runCase } from './fault-case.ts';
import { type Fault, faults } from './faults.ts';
import { points } from './points.ts';
import { makeStage, type Stage } from './scene.ts';

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 4 -- …';

// As many as leave hosts for the tests beside this file.
describe('the fault matrix, each fault once: 7 to 60 s each, as a host is waited for until its deadlines have passed', {
  skip,
  concurrency: 5,
}, () => {
  let stage: Stage | undefined;
  before(async () => {
    stage = await makeStage();
  });
  after(() => stage?.[Symbol.asyncDispose]());

  for (const each of smallCases) {
    const { title }: Fault = faults[each.fault];
    it(`${nameOf(each)}: ${title} at ${each.point}`, async () => {
      assert.ok(stage);
      const { violations } = await runCase(stage, each);
      assert.deepEqual(violations, []);
    });
  }
});

describe('the cases that every run tries', () => {
  it('are each fault once', () => {
    assert.deepEqual(smallCases.map(({ fault }) => fault).sort(), [...faultNames].sort());
  });

  it('meet each state', () => {
    const states = (of: readonly (keyof typeof points)[]) =>
      [...new Set(of.map((point) => points[point].state))].sort();
    assert.deepEqual(states(smallCases.map(({ point }) => point)), [
      'armed',
      'gated',
      'gating',
      'locked',
      'promoting',
      'rolling-back',
      'testing',
      'verifying',
      'waiting',
    ]);
  });
});
