import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings, type TypedValue } from '../../src/config/given.ts';
import { readDeployRequest } from '../../src/config/read-request.ts';

/** One setting, said in each of the ways by which it can be said, the strongest first, and what holds then. */
const settings = [
  ['settle', '1s', '2s', '3s', '4s', { limits: true, holds: [1000, 2000, 3000, 4000, 5000] }],
  ['confirmTimeout', '11s', '12s', '13s', '14s', { limits: true, holds: [11_000, 12_000, 13_000, 14_000, 60_000] }],
  ['buildOn', 'local', 'target', 'local', 'target', { holds: ['local', 'target', 'local', 'target', 'target'] }],
  ['elevate', 'run0', 'doas', 'sudo', 'none', { holds: ['run0', 'doas', 'sudo', 'none', 'auto'] }],
  [
    'onUnitFailure',
    'warn',
    'rollback',
    'warn',
    'rollback',
    { holds: ['warn', 'rollback', 'warn', 'rollback', 'rollback'] },
  ],
  [
    'ignoreUnits',
    ['a.service'],
    'b.service',
    ['c.service'],
    ['d.service'],
    { holds: [['a.service'], ['b.service'], ['c.service'], ['d.service'], []] },
  ],
] as const;

function heldBy(setting: string, from: number, row: (typeof settings)[number]): unknown {
  const [, flag, variable, ofHost, ofAll, options] = row;
  const inFlake = (value: unknown) => ('limits' in options ? { limits: { [setting]: value } } : { [setting]: value });
  const flags = new Map<string, TypedValue>(from <= 0 ? [[setting, flag]] : []);
  const name = setting === 'ignoreUnits' ? 'IGNORE_UNIT' : setting.replace(/[A-Z]/g, '_$&').toUpperCase();
  const environment = from <= 1 ? { [`FLURRY_${name}`]: variable } : {};
  const web1 = from <= 2 ? inFlake(ofHost) : {};
  const fleet = readFleet({ defaults: from <= 3 ? inFlake(ofAll) : {}, hosts: { web1 } }, ['web1']);
  const request = readDeployRequest(
    {
      ...{ destinations: ['web1'], except: [], all: false, nixArguments: [], problems: [] },
      settings: gatherSettings('deploy', flags, environment),
    },
    fleet,
  );
  assert.ok(!('code' in request), JSON.stringify(request));
  const [plan] = request.hosts;
  const held: Readonly<Record<string, unknown>> = {
    settle: plan?.limits.settleMs,
    confirmTimeout: plan?.limits.confirmTimeoutMs,
    buildOn: plan?.buildOn,
    elevate: plan?.host.reach?.elevate,
    onUnitFailure: plan?.policies.onUnitFailure,
    ignoreUnits: plan?.gates.ignoreUnits,
  };
  return held[setting];
}

for (const row of settings) {
  const [setting, , , , , { holds }] = row;
  test(`${setting}: a flag beats the variable, which beats the host, which beats the defaults, which beat the default`, () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((from) => heldBy(setting, from, row)),
      holds,
    );
  });
}

test('a destination beats what the flake says of user, port and configuration, and a host beats the defaults', () => {
  const flurry = {
    defaults: { user: 'all', port: 1 },
    hosts: { web1: { user: 'own', configuration: 'web2' }, web2: {} },
  };
  const fleet = readFleet(flurry, ['web1', 'web2', 'web3']);
  const hostOf = (destination: string) => {
    const request = readDeployRequest(
      {
        ...{ destinations: [destination], except: [], all: false, nixArguments: [], problems: [] },
        settings: gatherSettings('deploy', new Map(), {}),
      },
      fleet,
    );
    assert.ok(!('code' in request));
    const { user, port, configuration, address } = request.hosts[0]?.host ?? { address: '' };
    return { user, port, configuration, address };
  };
  assert.deepEqual(hostOf('typed@web1:22/web3'), { user: 'typed', port: 22, configuration: 'web3', address: 'web1' });
  assert.deepEqual(hostOf('web1'), { user: 'own', port: 1, configuration: 'web2', address: 'web1' });
  assert.deepEqual(hostOf('web2'), { user: 'all', port: 1, configuration: undefined, address: 'web2' });
});
