import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readDeployRequest } from '../../src/config/read-request.ts';

const rows = [
  { flags: [], acts: 'at-once' },
  { flags: ['ask'], acts: 'when-asked' },
  { flags: ['dryRun'], acts: 'never' },
  { flags: ['dryRun', 'ask'], acts: 'never' },
  { flags: ['yes'], acts: 'at-once' },
  { flags: [], variables: { FLURRY_ASK: '1' }, acts: 'when-asked' },
  { flags: ['yes'], variables: { FLURRY_ASK: '1' }, acts: 'at-once' },
  { flags: ['ask'], variables: { FLURRY_YES: '1' }, acts: 'when-asked' },
  { flags: [], variables: { FLURRY_DRY_RUN: '1', FLURRY_YES: '1' }, acts: 'never' },
  { flags: [], ask: 'flake', acts: 'when-asked' },
  { flags: [], variables: { FLURRY_YES: '1' }, ask: 'flake', acts: 'at-once' },
] as const;

for (const row of rows) {
  const { flags, acts } = row;
  const variables = 'variables' in row ? row.variables : {};
  const flake = 'ask' in row ? { defaults: { ask: true }, hosts: { web1: {} } } : null;
  test(`${[...flags.map((flag) => `--${flag}`), JSON.stringify(variables), JSON.stringify(flake)].join(' ')}: ${acts}`, () => {
    const settings = gatherSettings('deploy', new Map(flags.map((flag) => [flag, true])), variables);
    const fleet = readFleet(flake, ['web1']);
    assert.deepEqual(fleet.problems, []);
    const request = readDeployRequest(typed(settings), fleet);
    assert.ok(!('code' in request), JSON.stringify(request));
    assert.equal(request.act, acts);
  });
}

test('--ask and --yes together are refused: nobody knows which is meant', () => {
  const flags = new Map([
    ['ask', true],
    ['yes', true],
  ] as const);
  const request = readDeployRequest(typed(gatherSettings('deploy', flags, {})));
  assert.ok('code' in request);
  assert.deepEqual(request.problems, [
    { code: 'bad-argument', argument: '--yes', expected: '--ask or --yes', found: 'both' },
  ]);
});

function typed(settings: ReturnType<typeof gatherSettings>) {
  return { destinations: ['web1'], settings, nixArguments: [], except: [], all: false, problems: [] };
}
