import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitDeployments } from '../../src/core/split-deployment.ts';
import type { HostStatus } from '../../src/core/status.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const none: HostStatus = {
  ...{
    running: null,
    booted: null,
    bootDefault: null,
    bootsOnce: null,
    profile: null,
    generation: null,
    release: null,
  },
  ...{ underWay: [], lastVerdict: null, cutOff: [], seenAs: 'root', now: '2026-11-22T10:00:00Z' },
  ...{ rebootFor: [], systemState: 'running', failedUnits: [] },
};
const id = '20261122T032143Z-4f2a';
const at = '2026-11-22T03:22:00Z';
const by = 'ada@laptop';

const ended = (verdict: Verdict, deployment = id): HostStatus => ({
  ...none,
  lastVerdict: { deployment, verdict, at, by, code: null },
});
const under = (state: string, deployment = id): HostStatus => ({
  ...none,
  underWay: [{ kind: 'transaction', deployment, state, by, since: at, secondsLeft: null, atWork: true }],
});
const cut: HostStatus = { ...none, cutOff: [{ deployment: id, at, by }] };
const sides = { confirmed: [], back: [], inDoubt: [], waiting: [], cutOff: [] };

function split(hosts: Readonly<Record<string, HostStatus>>) {
  return splitDeployments(Object.entries(hosts).map(([host, status]) => ({ host, status })));
}

test('hosts of one deployment that all ended alike are not split, whatever their good verdict', () => {
  assert.deepEqual(split({ web1: ended('promoted'), web2: ended('promoted'), web3: none }), []);
  assert.deepEqual(split({ web1: ended('rolled-back'), web2: under('rolling-back'), web3: ended('failed') }), []);
  assert.deepEqual(split({ web1: ended('promoted'), web2: under('promoting'), web3: ended('tested') }), []);
});

test('promoted here and rolled back there is a split, with each host on its side', () => {
  assert.deepEqual(split({ web1: ended('promoted'), web2: ended('rolled-back'), web3: ended('in-doubt') }), [
    { deployment: id, ...sides, confirmed: ['web1'], back: ['web2'], inDoubt: ['web3'] },
  ]);
});

test('promoted here and waiting, or cut off, there is a split', () => {
  assert.deepEqual(split({ web1: under('promoting'), web2: under('waiting'), web3: cut }), [
    { deployment: id, ...sides, confirmed: ['web1'], waiting: ['web2'], cutOff: ['web3'] },
  ]);
});

test('a host that has not come to wait yet is on no side', () => {
  assert.deepEqual(split({ web1: ended('promoted'), web2: under('testing'), web3: under('verifying') }), []);
});

test('hosts that ended different deployments are not compared', () => {
  assert.deepEqual(split({ web1: ended('promoted'), web2: ended('rolled-back', '20261123T032143Z-aaaa') }), []);
});

test('a host may be on a side of two deployments: one that ended, one that waits', () => {
  const newer = '20261123T032143Z-aaaa';
  const both = { ...ended('rolled-back'), underWay: under('waiting', newer).underWay };
  assert.deepEqual(split({ web1: ended('promoted'), web2: both, web3: ended('promoted', newer) }), [
    { deployment: id, ...sides, confirmed: ['web1'], back: ['web2'] },
    { deployment: newer, ...sides, confirmed: ['web3'], waiting: ['web2'] },
  ]);
});
