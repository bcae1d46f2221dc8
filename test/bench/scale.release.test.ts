import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAll, simulatedFleet } from './simulated-fleet.ts';

const kinds = ['well', 'well', 'slow', 'well', 'degraded', 'silent', 'refusing', 'well'] as const;
const expected = {
  well: { verdict: 'healthy', code: null },
  slow: { verdict: 'healthy', code: null },
  degraded: { verdict: 'unhealthy', code: 'degraded' },
  silent: { verdict: 'unreachable', code: 'connect-timeout' },
  refusing: { verdict: 'unreachable', code: 'connection-refused' },
} as const;

test('of 40 hosts, some slow, ill, silent or not there, each gets its own verdict, and no connection is left open (20 s: a silent one is dialled three times)', async () => {
  const kindOf = (index: number) => kinds[index % kinds.length] ?? 'well';
  await using fleet = await simulatedFleet(40, kindOf);
  const { code, stdout, taken } = await checkAll(fleet, ['-o', 'json', '--connect-timeout', '5s']);
  assert.equal(code, 1);
  const last: { hosts: { host: string; verdict: string; code: string | null }[] } = JSON.parse(
    stdout.trim().split('\n').at(-1) ?? '',
  );
  assert.deepEqual(
    last.hosts.map(({ host, verdict, code }) => ({ host, verdict, code })),
    fleet.names.map((host, index) => ({ host, ...expected[kindOf(index)] })),
  );
  // Of its own three streams two are pipes here, and nothing else is open.
  assert.deepEqual(taken.resources, ['PipeWrap', 'PipeWrap']);
  assert.equal((await fleet.connections()).open, 0);
});
