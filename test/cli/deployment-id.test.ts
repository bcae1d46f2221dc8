import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentIdAt } from '../../src/cli/deployment-id.ts';

test('a deployment is named by its second in UTC and by chance', () => {
  const time = new Date('2026-11-22T04:21:43.999+01:00');
  assert.match(deploymentIdAt(time), /^20261122T032143Z-[0-9a-f]{4}$/);
});

test('deployments of one second have different names', () => {
  const time = new Date();
  const names = new Set(Array.from({ length: 20 }, () => deploymentIdAt(time)));
  assert.ok(names.size > 15, `${names.size} names`);
});
