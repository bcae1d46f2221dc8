import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { badHosts } from './bad-hosts.ts';

// Hosts that are changed, fail, and put themselves back.

const isBack = 'the host has put itself back and runs what it ran before';

test(
  'five hosts are changed and fail, each in its own way: each puts itself back, and the one beside them is promoted (30 s: an activation hangs up to its limit)',
  { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 6 -- …' },
  badHosts(
    {
      'a unit that fails under the new system: rolled back': {
        module: 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };',
        expected: () => ({
          verdict: 'rolled-back',
          code: 'units-failed',
          reason: `1 unit failed under the new system: broken.service; ${isBack}`,
        }),
      },
      'a unit that fails over and over, always about to be restarted, is a failed one: rolled back': {
        module: `systemd.services.restarting = {
      wantedBy = [ "multi-user.target" ];
      script = "exit 1";
      serviceConfig = { Restart = "always"; RestartSec = 600; };
    };`,
        expected: () => ({
          verdict: 'rolled-back',
          code: 'units-failed',
          reason: `1 unit failed under the new system: restarting.service; ${isBack}`,
        }),
      },
      'an activation that fails: rolled back': {
        module: 'shaped.activationFails = true;',
        expected: () => ({
          verdict: 'rolled-back',
          code: 'activation-failed',
          reason: `the activation failed with exit code 2: Failed to run activate script; ${isBack}`,
        }),
      },
      'an activation that hangs is ended at its limit: rolled back': {
        module: 'shaped.testHangsSeconds = 600;',
        expected: () => ({
          verdict: 'rolled-back',
          code: 'activation-timeout',
          reason: `the activation did not end within 30 s; ${isBack}`,
        }),
      },
      'a boot loader that cannot be written: promotion undone and rolled back': {
        module: 'shaped.loaderFails = true;',
        expected: () => ({
          verdict: 'rolled-back',
          code: 'promotion-failed',
          reason: `the new system ran well but could not be made the boot default (bootloader): error: no space left on the boot partition (shaped.loaderFails); ${isBack}`,
        }),
      },
    },
    // The others have to be through with theirs by then, on a busy machine too.
    ['--activation-timeout', '30s'],
  ),
);
