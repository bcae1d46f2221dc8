import { test } from 'node:test';
import { needsThree, oneBadHost } from './one-bad-host.ts';

// Hosts that are changed, fail, and put themselves back.

const isBack = 'the host has put itself back and runs what it ran before';

test(
  'a unit that fails under the new system: rolled back; the other two are promoted',
  needsThree,
  oneBadHost({
    module: 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };',
    expected: () => ({
      verdict: 'rolled-back',
      code: 'units-failed',
      reason: `1 unit failed under the new system: broken.service; ${isBack}`,
    }),
  }),
);

test(
  'a unit that fails over and over, always about to be restarted, is a failed one: rolled back; the other two are promoted',
  needsThree,
  oneBadHost({
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
  }),
);

test(
  'an activation that fails: rolled back; the other two are promoted',
  needsThree,
  oneBadHost({
    module: 'shaped.activationFails = true;',
    expected: () => ({
      verdict: 'rolled-back',
      code: 'activation-failed',
      reason: `the activation failed with exit code 2: Failed to run activate script; ${isBack}`,
    }),
  }),
);

test(
  'an activation that hangs is ended at its limit: rolled back; the other two are promoted',
  needsThree,
  oneBadHost({
    module: 'shaped.testHangsSeconds = 600;',
    // The other two have to be through with theirs by then, on a busy machine too.
    flags: ['--activation-timeout', '20s'],
    expected: () => ({
      verdict: 'rolled-back',
      code: 'activation-timeout',
      reason: `the activation did not end within 20 s; ${isBack}`,
    }),
  }),
);

test(
  'a boot loader that cannot be written: promotion undone and rolled back; the other two are promoted',
  needsThree,
  oneBadHost({
    module: 'shaped.loaderFails = true;',
    expected: () => ({
      verdict: 'rolled-back',
      code: 'promotion-failed',
      reason: `the new system ran well but could not be made the boot default (bootloader): error: no space left on the boot partition (shaped.loaderFails); ${isBack}`,
    }),
  }),
);
