import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { deploymentIdAt, withoutIds } from '../../src/cli/deployment-id.ts';

test('a deployment is named by its second in UTC and by chance', () => {
  const time = new Date('2026-11-22T04:21:43.999+01:00');
  assert.match(deploymentIdAt(time), /^20261122T032143Z-[0-9a-f]{4}$/);
});

test('a deployment that is named to attach is told from the hosts, wherever it stands', () => {
  const split = (...argv: readonly string[]) => {
    const { ids, line } = withoutIds(readCommandLine(argv));
    return [ids, line.destinations];
  };
  const id = '20261122T032143Z-4f2a';
  assert.deepEqual(split('attach', id, 'web1', 'web2'), [[id], ['web1', 'web2']]);
  assert.deepEqual(split('attach', 'web1', id, '-v', id), [[id], ['web1']]);
  assert.deepEqual(split('attach', 'web1', `${id}-boot`), [[`${id}-boot`], ['web1']]);
  assert.deepEqual(split('attach', 'web1', '20261122T032143Z'), [[], ['web1', '20261122T032143Z']]);
  assert.deepEqual(split('abort', 'web1', id), [[], ['web1', id]]);
});

test('deployments of one second have different names', () => {
  const time = new Date();
  const names = new Set(Array.from({ length: 20 }, () => deploymentIdAt(time)));
  assert.ok(names.size > 15, `${names.size} names`);
});
