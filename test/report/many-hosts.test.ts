import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { HostResult } from '../../src/core/event.ts';
import { grouped } from '../../src/report/alike.ts';
import { lookFor } from '../../src/report/look.ts';
import { verdictTable } from '../../src/report/verdict-table.ts';

const look = lookFor({ colour: false, unicode: true });

function result(host: string, given: Partial<HostResult> = {}): HostResult {
  const system = `/nix/store/${host.padEnd(32, '0')}-nixos-system-${host}-26.05`;
  const ended = { verdict: 'promoted', code: null, reason: 'promoted', remedy: null, rev: null, seconds: 40 } as const;
  return { host, ...ended, running: system, bootDefault: system, ...given };
}

const named = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${100 + index}`);

test('of 500 hosts those that ended well and alike are one row, and each other one has its own', () => {
  const others = [
    result('odd1', { bootDefault: '/nix/store/00000000000000000000000000000000-nixos-system-odd1-25.11' }),
    result('sick1', { verdict: 'refused', code: 'degraded', reason: '1 unit failed', seconds: 1 }),
  ];
  const well = named(398, 'web').map((host, index) => result(host, { seconds: index / 10 }));
  const same = named(100, 'db').map((host) => result(host, { verdict: 'unchanged', seconds: 0.3 }));
  assert.deepEqual(verdictTable([...well, ...same, ...others], 100, look), [
    'host       verdict       time  runs now       boots next     reason',
    '398 hosts  ✓ promoted    40 s  each its own   the same',
    '100 hosts  ✓ unchanged  0.3 s  each its own   the same',
    'odd1       ✓ promoted    40 s  odd1000 26.05  0000000 25.11',
    'sick1      ✗ refused      1 s  sick100 26.05  the same       1 unit failed',
  ]);
});

test('so few that they have room on a screen have a row each, in their order', () => {
  const hosts = named(20, 'web').map((host) => result(host));
  const [, ...rows] = verdictTable(hosts, 100, look);
  assert.deepEqual(
    rows.map((row) => row.split(' ')[0]),
    hosts.map(({ host }) => host),
  );
});

test('hosts that refused the connection share a paragraph, by whatever address each is reached; other numbers keep them apart', () => {
  const refused = (host: string, address: string) => {
    const reason = `${address} refused the connection to port 22: no SSH server listens there`;
    return result(host, { verdict: 'unreachable', code: 'connection-refused', reason });
  };
  const failed = (host: string, found: string) =>
    result(host, { verdict: 'refused', code: 'check-failed', reason: `expected 10.0.0.1, found ${found}` });
  const groups = grouped([
    ...[refused('web1', '10.0.0.1'), refused('web2', '10.0.0.2'), refused('web3', '2001:db8::7')],
    ...[failed('db1', '10.0.0.3'), failed('db2', '10.0.0.4')],
  ]);
  assert.deepEqual(
    groups.map((group) => group.map(({ host }) => host)),
    [['web1', 'web2', 'web3'], ['db1'], ['db2']],
  );
});
