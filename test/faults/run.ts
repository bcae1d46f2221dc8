import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { fleetVariable } from '../fleet/fleet.ts';
import { fleetState } from '../fleet/fleet-state.ts';
import { allCases } from './cases.ts';
import { nameOf, runCase } from './fault-case.ts';
import { makeStage } from './scene.ts';
import { tableOf } from './table.ts';

// Of npm run test:faults: the whole matrix, or a part of it, on the hosts of the fleet around it.
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    table: { type: 'string' },
  },
});

const { hosts } = await fleetState(process.env[fleetVariable] ?? '');
const cases = allCases({ only: values.only, seed: Number(values.seed) });
console.log(`${cases.length} cases on ${hosts.length} hosts, --seed ${values.seed}`);
const stage = await makeStage();
const startedAt = performance.now();
const slots = pLimit(hosts.length);
let done = 0;
const results = await Promise.all(
  cases.map((each) =>
    slots(async () => {
      const result = await runCase(stage, each);
      done += 1;
      const word = result.violations.length === 0 ? 'holds' : 'VIOLATED';
      console.log(`${done}/${cases.length} ${word} ${nameOf(each)}: ${result.ending} (${result.seconds} s)`);
      for (const { what, expected, found } of result.violations) {
        console.log(`    ${what}: expected ${expected || 'nothing'}, found ${found}`);
      }
      return result;
    }),
  ),
);
await stage[Symbol.asyncDispose]();
const path = values.table ?? join(tmpdir(), 'flurry-fault-matrix.md');
const minutes = Math.round((performance.now() - startedAt) / 6000) / 10;
const table = tableOf(results, { minutes, seed: values.seed, hosts: hosts.length });
await writeFile(path, table);
const violated = results.filter(({ violations }) => violations.length > 0);
console.log(`\n${table}\nwritten to ${path}`);
process.exitCode = violated.length === 0 ? 0 : 1;
