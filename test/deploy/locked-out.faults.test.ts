import { test } from 'node:test';
import { configurations } from '../faults/faulty-flake.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { lockedOut } from './locked-out.ts';

// The worst moment: a person deploys, and the new system locks them out. The mistake is really made, on one host in
// front of a terminal and on another one without; what was said is kept as it was, to be read.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'the activation cuts the host off the network: what it does by itself is told, and then done (40 s: the host keeps its deadline)',
  options,
  lockedOut('cut-off', configurations.cutsNetwork, ['--answer-timeout', '10s', '--confirm-timeout', '25s']),
);
