import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { configurationCases } from './configuration-cases.ts';
import { configurationTable } from './configuration-table.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };
// The others: configurations.faults.test.ts.
const cases = configurationCases.filter(({ telling }) => telling === 'yes');

test(
  `flurry check works where ssh -o BatchMode=yes works, and refuses where it refuses: ${cases.length} configurations`,
  options,
  configurationTable(cases),
);
