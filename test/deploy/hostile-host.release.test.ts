import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { answersOddly, claimOf, oddShells } from './odd-shells.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

for (const shell of oddShells.filter(({ telling }) => telling)) test(claimOf(shell), options, answersOddly(shell));
