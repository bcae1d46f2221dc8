import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { deployedToSetUps } from './ssh-set-ups.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'hosts whose sshd is narrow, or whose login shell is not what scripts expect, are deployed to (three deployments)',
  options,
  deployedToSetUps('auto'),
);

test(
  'OpenSSH carries deployments to hosts whose sshd is narrow, or whose login shell is not what scripts expect (three)',
  options,
  deployedToSetUps('openssh'),
);
