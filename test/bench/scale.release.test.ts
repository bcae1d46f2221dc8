import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAll, deployAll, simulatedFleet, statusOfAll } from './simulated-fleet.ts';

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

test('40 hosts that have nothing to do are unchanged by their records, over one connection each; a status of them likewise; and nothing but that is said', async () => {
  await using fleet = await simulatedFleet(40, () => 'well');
  for (const [run, verdict] of [
    [deployAll, 'unchanged'],
    [statusOfAll, 'seen'],
  ] as const) {
    const before = (await fleet.connections()).connections;
    const { code, stdout, stderr, taken } = await run(fleet, ['-o', 'json']);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const last: { hosts: { host: string; verdict: string }[] } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    assert.deepEqual(
      last.hosts.map(({ host, verdict: found }) => [host, found]),
      fleet.names.map((host) => [host, verdict]),
    );
    assert.deepEqual(taken.resources, ['PipeWrap', 'PipeWrap']);
    const { connections, open } = await fleet.connections();
    assert.deepEqual({ connections: connections - before, open }, { connections: 40, open: 0 });
  }
});
