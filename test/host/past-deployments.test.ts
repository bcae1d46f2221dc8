import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFields } from '../../src/host/fields.ts';
import { readPastDeployments } from '../../src/host/past-deployments.ts';

const system = (letter: string): string => `/nix/store/${letter}-nixos-system-web1-26.05`;
const rev = '1a2b3c4d'.repeat(5);
const release = { configuration: 'web1', narHash: 'sha256-x', lastModified: 1_700_000_000, rev };

function begun(
  id: string,
  [from, to]: readonly [string, string],
  more: Readonly<Record<string, unknown>> = {},
): string {
  const systems = { old: system(from), new: system(to), oldProfile: system('p') };
  const known = { event: 'begun', id, at: `begun-${id}`, boot: 'b2', by: 'ada@laptop', goal: 'promote' };
  return `history ${JSON.stringify({ ...known, ...systems, release, ...more })}`;
}

function ended(id: string, verdict: string, facts: readonly string[] = [], seconds = 34): string {
  return `history ${JSON.stringify({ event: 'ended', id, at: `ended-${id}`, verdict, facts, seconds })}`;
}

function read(lines: readonly string[], last = 10) {
  const answer = ['boot-id b2', 'now t9', ...lines].join('\n');
  return readPastDeployments(readFields('the history', answer), last).deployments.map(({ end: _, ...one }) => one);
}

const promoted = {
  ...{ begun: 'begun-d1', by: 'ada@laptop', goal: 'promote', release, from: system('a'), to: system('b') },
  ...{ generation: null, verdict: 'promoted', open: null, ended: 'ended-d1', code: null, seconds: 34 },
  ...{ deployment: 'd1', takenBackBy: null },
};

test('a deployment is told from its beginning to its end, with the newest generation that is what was to run', () => {
  const lines = [begun('d1', ['a', 'b']), ended('d1', 'promoted')];
  assert.deepEqual(read(lines), [promoted]);
  const generations = [`generation 7 ${system('b')}`, `generation 12 ${system('b')}`, `generation 13 ${system('a')}`];
  assert.deepEqual(read([...lines, ...generations]), [{ ...promoted, generation: 12 }]);
});

test('the newest comes first, and no more than were asked for', () => {
  const lines = ['d1', 'd2', 'd3'].flatMap((id) => [begun(id, ['a', 'b']), ended(id, 'rolled-back')]);
  assert.deepEqual(
    read(lines).map(({ deployment }) => deployment),
    ['d3', 'd2', 'd1'],
  );
  assert.deepEqual(
    read(lines, 2).map(({ deployment }) => deployment),
    ['d3', 'd2'],
  );
});

test('one that was promoted and then replaced by what ran before was taken back; by what came later it was not', () => {
  const there = [begun('d1', ['a', 'b']), ended('d1', 'promoted')];
  const failed = [begun('d2', ['b', 'c']), ended('d2', 'rolled-back', ['code units-failed', 'unit a.service'])];
  const back = [begun('d3', ['b', 'a']), ended('d3', 'promoted')];
  const taken = (lines: readonly string[]) =>
    read(lines).map(({ deployment, takenBackBy }) => [deployment, takenBackBy]);
  assert.deepEqual(taken([...there, ...failed, ...back]), [
    ['d3', null],
    ['d2', null],
    ['d1', 'd3'],
  ]);
  const onwards = [begun('d4', ['b', 'c']), ended('d4', 'promoted'), begun('d5', ['b', 'a']), ended('d5', 'promoted')];
  assert.deepEqual(taken([...there, ...onwards]).at(-1), ['d1', null]);
});

test('one without an end goes on or was left in this boot, or a reboot cut it off; torn lines are skipped', () => {
  const lines = [begun('d1', ['a', 'b'], { boot: 'b1' }), begun('d2', ['a', 'b']), 'history {"event":"begun","id":"d3'];
  assert.deepEqual(
    read(lines).map(({ deployment, verdict, open, ended, seconds }) => ({ deployment, verdict, open, ended, seconds })),
    [
      { deployment: 'd2', verdict: null, open: 'in-this-boot', ended: null, seconds: null },
      { deployment: 'd1', verdict: null, open: 'cut-off', ended: null, seconds: null },
    ],
  );
});

test('of an end that was found out later nobody knows how long it took; code and goal are those that were written', () => {
  const [one] = read([begun('d1', ['a', 'b'], { goal: 'boot' }), ended('d1', 'in-doubt', ['code ended-by-reboot'], 0)]);
  assert.deepEqual([one?.seconds, one?.code, one?.goal], [null, 'ended-by-reboot', 'boot']);
  const [other] = read([begun('d1', ['a', 'b'], { goal: 'fly' })]);
  assert.equal(other?.goal, null);
});

test('what ran already replaces what booted before, and a system without a release is told without one', () => {
  const [one] = read([begun('d1', ['a', 'a'], { release: {} })]);
  assert.deepEqual([one?.from, one?.to, one?.release], [system('p'), system('a'), null]);
});
