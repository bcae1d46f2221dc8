import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { readStatus } from '../../src/host/status.ts';

const system = '/nix/store/aaaa-nixos-system-web1-26.05';
const fresh = `user root
seen-as root
boot-id b2
machine-id m1
now 2026-11-22T10:00:00Z
system-state running
nixos yes
running ${system}
booted ${system}
profile ${system}
generation 41
boot-default grub ${system}
boots-once -
`;

const rev = '1a2b3c4d'.repeat(5);

function begun(id: string, boot: string, toplevel = system): string {
  const release = { configuration: 'web1', narHash: 'sha256-x', lastModified: 1_700_000_000, rev };
  const systems = { old: '/nix/store/old', new: toplevel };
  return JSON.stringify({ event: 'begun', id, at: 't1', boot, by: 'ada@laptop', goal: 'promote', ...systems, release });
}

function ended(id: string, verdict: string, facts: readonly string[] = []): string {
  return JSON.stringify({ event: 'ended', id, at: 't2', verdict, facts, seconds: 3 });
}

test('a host without history is read as one of which nothing more is known', () => {
  const { status, history, named } = readStatus(fresh, 'root');
  assert.deepEqual(status, {
    ...{ running: system, booted: system, bootDefault: system, profile: system, generation: 41 },
    ...{
      bootsOnce: null,
      ...{ rebootFor: [], systemState: 'running', failedUnits: [] },
      release: null,
      underWay: [],
      lastVerdict: null,
      cutOff: [],
      seenAs: 'root',
      now: '2026-11-22T10:00:00Z',
    },
  });
  assert.deepEqual([history, named], [[], { history: [] }]);
});

test('what is missing is null, and a loader that cannot be read boots nothing that is known', () => {
  const bare = fresh
    .replaceAll(/^(running|booted|profile|generation) .*$/gm, '$1')
    .replace(`grub ${system}`, 'unknown -');
  const { running, booted, bootDefault, profile, generation } = readStatus(bare, 'user').status;
  assert.deepEqual([running, booted, bootDefault, profile, generation], [null, null, null, null, null]);
});

test('failed units and what a reboot is needed for are told; a part that is none of those is not', () => {
  const answer = `${fresh.replace('state running', 'state degraded')}failed-unit a.service
failed-unit b\\x2dc.mount
reboot-for kernel-modules
reboot-for kernel
reboot-for \u001b[31m
`;
  const { systemState, failedUnits, rebootFor } = readStatus(answer, 'root').status;
  assert.deepEqual(
    { systemState, failedUnits, rebootFor },
    {
      systemState: 'degraded',
      failedUnits: ['a.service', 'b\\x2dc.mount'],
      rebootFor: ['kernel', 'kernel-modules'],
    },
  );
});

test('a trial whose reboot has not come yet is what it boots once', () => {
  const trial = '/nix/store/bbbb-nixos-system-web1-26.05';
  const { bootDefault, bootsOnce } = readStatus(fresh.replace('boots-once -', `boots-once ${trial}`), 'root').status;
  assert.deepEqual([bootDefault, bootsOnce], [system, trial]);
});

test('the history tells where the running system came from, the last verdict, and what a reboot cut off', () => {
  const lines = [begun('d1', 'b1'), ended('d1', 'promoted'), begun('d2', 'b1'), '{"event":"begun","id":"torn'];
  // The last one is of this boot: it may be under way.
  const last = [
    begun('d3', 'b2'),
    ended('d3', 'rolled-back', ['code units-failed', 'unit a.service']),
    begun('d4', 'b2'),
  ];
  const answer = [fresh, `brought ${lines[0]}`, ...[...lines, ...last].map((line) => `history ${line}`)].join('\n');
  const { release, lastVerdict, cutOff } = readStatus(answer, 'root').status;
  assert.deepEqual(release, {
    ...{ deployment: 'd1', configuration: 'web1', rev, narHash: 'sha256-x', lastModified: 1_700_000_000 },
  });
  const by = 'ada@laptop';
  assert.deepEqual(lastVerdict, { deployment: 'd3', verdict: 'rolled-back', at: 't2', by, code: 'units-failed' });
  assert.deepEqual(cutOff, [{ deployment: 'd2', at: 't1', by }]);
});

test('a system that was brought without a release is of none that is known', () => {
  const line = JSON.stringify({ event: 'begun', id: 'd1', boot: 'b1', by: 'ada@laptop', new: system, release: {} });
  assert.equal(readStatus(`${fresh}brought ${line}`, 'root').status.release, null);
});

test('what is under way is read with what is not known of it; lines of another form are skipped', () => {
  const answer = [
    fresh,
    'under-way transaction d1 waiting yes 42 2026-11-22T09:59:00Z ada@laptop',
    'under-way transaction d2 testing no -90 - -',
    'under-way build d3 building yes - 2026-11-22T09:59:00Z ada@laptop',
    'under-way transaction $(id) x',
  ].join('\n');
  const known = { since: '2026-11-22T09:59:00Z', by: 'ada@laptop', atWork: true };
  assert.deepEqual(readStatus(answer, 'root').status.underWay, [
    { kind: 'transaction', deployment: 'd1', state: 'waiting', secondsLeft: 42, ...known },
    {
      ...{ kind: 'transaction', deployment: 'd2', state: 'testing', secondsLeft: -90 },
      ...{ since: 'unknown', by: 'unknown', atWork: false },
    },
    { kind: 'build', deployment: 'd3', state: 'building', secondsLeft: null, ...known },
  ]);
});

test('another system than NixOS is told as such', () => {
  assert.throws(
    () => readStatus(fresh.replace('nixos yes', 'nixos debian'), 'user'),
    (error: unknown) => error instanceof FlurryError && error.problem.code === 'not-nixos',
  );
});
