import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { type FaultCase, nameOf, runCase } from './fault-case.ts';
import { type Fault, faults } from './faults.ts';
import { makeStage, type Stage } from './scene.ts';

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 4 -- …';

/** A test of each case. As many at a time as leave hosts for the tests beside its file. */
export function describeCases(title: string, cases: readonly FaultCase[]): void {
  describe(title, { skip, concurrency: 3 }, () => {
    let stage: Stage | undefined;
    before(async () => {
      stage = await makeStage();
    });
    after(() => stage?.[Symbol.asyncDispose]());

    for (const each of cases) {
      const fault: Fault = faults[each.fault];
      it(`${nameOf(each)}: ${fault.title} at ${each.point}`, async () => {
        assert.ok(stage);
        const { violations } = await runCase(stage, each);
        assert.deepEqual(violations, []);
      });
    }
  });
}
