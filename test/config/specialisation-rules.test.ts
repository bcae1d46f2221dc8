import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readDeployRequest } from '../../src/config/read-request.ts';

/** The problems of a deployment to web1, of which the flake says this; where there are none, what its plan says of what runs. */
function read(flags: string, ofFlake: Readonly<Record<string, unknown>> = {}, variables = {}) {
  const line = readCommandLine(['web1', ...flags.split(' ').filter(Boolean)]);
  const fleet = readFleet({ hosts: { web1: ofFlake } }, ['web1']);
  assert.deepEqual(fleet.problems, []);
  const request = readDeployRequest({ ...line, settings: gatherSettings('deploy', line.flags, variables) }, fleet);
  if ('code' in request) return request.problems.map(({ argument, expected, found }) => [argument, expected, found]);
  const [{ specialisation = 'none', installBootloader = 'no' } = {}] = request.hosts;
  return [specialisation, installBootloader];
}

const ofFlake = { specialisation: 'night' };

for (const [flags, flake, plan] of [
  ['', {}, ['none', 'no']],
  ['--specialisation day', {}, ['day', 'no']],
  ['', ofFlake, ['night', 'no']],
  ['--specialisation day', ofFlake, ['day', 'no']],
  ['--specialisation none', ofFlake, ['none', 'no']],
  ['--specialisation day --goal test', {}, ['day', 'no']],
  ['--specialisation day --goal dry-activate', {}, ['day', 'no']],
  // What boots is the parent; and what is only built is built with all of them.
  ['--goal boot', ofFlake, ['none', 'no']],
  ['--goal build', ofFlake, ['night', 'no']],
  ['--specialisation none --reboot always', ofFlake, ['none', 'no']],
  ['--install-bootloader', ofFlake, ['night', 'yes']],
  ['--install-bootloader --goal boot', {}, ['none', 'yes']],
] as const) {
  test(`${flags || 'no flag'} where the flake says ${JSON.stringify(flake)}: ${plan.join(', ')}`, () => {
    assert.deepEqual(read(flags, flake), plan);
  });
}

const whatRuns = 'goal dry-activate, test or promote together with it';
const never = 'never together with';
const refuse = 'refuse or boot together with';

for (const [flags, flake, problems] of [
  ['--specialisation day --goal boot', {}, [['--specialisation', whatRuns, 'boot']]],
  ['--specialisation day --goal build', ofFlake, [['--specialisation', whatRuns, 'build']]],
  ['--specialisation day --reboot if-needed', {}, [['--reboot', `${never} --specialisation`, 'if-needed']]],
  ['--reboot always', ofFlake, [['--reboot', `${never} flurry.hosts.web1.specialisation`, 'always']]],
  [
    '--reboot always --on-inhibitor boot-and-reboot --specialisation day',
    {},
    [
      ['--reboot', `${never} --specialisation`, 'always'],
      ['--on-inhibitor', `${refuse} --specialisation`, 'boot-and-reboot'],
    ],
  ],
  [
    '--specialisation day',
    { reboot: 'always', unattendedBoot: true },
    [['flurry.hosts.web1.reboot', `${never} --specialisation`, 'always']],
  ],
  ['--install-bootloader --goal test', {}, [['--install-bootloader', 'goal promote or boot together with it', 'test']]],
  [
    '--install-bootloader --goal build --specialisation day',
    {},
    [
      ['--specialisation', whatRuns, 'build'],
      ['--install-bootloader', 'goal promote or boot together with it', 'build'],
    ],
  ],
] as const) {
  test(`${flags} where the flake says ${JSON.stringify(flake)} is refused: ${problems.map(([argument]) => argument).join(', ')}`, () => {
    assert.deepEqual(read(flags, flake), problems);
  });
}

test('a specialisation from a variable is a wish of this run, and goes with no goal that runs nothing', () => {
  assert.deepEqual(read('--goal boot', {}, { FLURRY_SPECIALISATION: 'day' }), [
    ['FLURRY_SPECIALISATION', whatRuns, 'boot'],
  ]);
});
