import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBody } from '../../src/core/event.ts';
import { type Problem, problemOf } from '../../src/core/problem.ts';
import { judgeRelease, tellOthers } from '../../src/deploy/earlier-releases.ts';
import { narrate } from '../../src/deploy/stage.ts';
import { earlierReleases } from '../../src/host/earlier-releases.ts';
import type { Kinship } from '../../src/nix/kinship.ts';
import { healthy } from './sample-facts.ts';

const ours = 'a'.repeat(40);
const theirs = 'b'.repeat(40);
const day = 1_764_000_000;

function begun(id: string, by: string, rev?: string): string {
  const release = { configuration: 'web1', narHash: `sha256-${id}`, lastModified: day, rev };
  return JSON.stringify({ event: 'begun', id, at: `at-${id}`, boot: 'b', by, old: '/o', new: '/n', release });
}

function ended(id: string, verdict: string): string {
  return JSON.stringify({ event: 'ended', id, at: 't', verdict, facts: [], seconds: 1 });
}

/** What is said of a host whose history is this: notes, and the problem. */
async function judged(
  history: readonly string[],
  given: {
    readonly kinship?: Kinship;
    readonly goal?: 'promote' | 'build' | 'dry-activate';
    readonly downgrade?: 'allow';
    readonly tree?: 'dirty';
    readonly ours?: number;
  } = {},
): Promise<{ readonly notes: readonly string[]; readonly problem?: Problem }> {
  const notes: string[] = [];
  const narration = narrate('web1', (event: EventBody) => {
    if (event.event === 'note') notes.push(`${event.level}: ${event.message}`);
  });
  const brought = history.filter((line) => line.includes('begun')).slice(-1);
  const own = history.filter((line) => line.includes('"ada@laptop"')).slice(-1);
  const facts = { ...healthy, ...earlierReleases({ brought, ours: own, history: history.slice(given.ours ?? 0) }) };
  const source = given.tree === 'dirty' ? { base: ours } : { rev: ours };
  const run = {
    owner: 'ada@laptop',
    narration,
    plan: {
      goal: given.goal ?? 'promote',
      gates: { ignoreUnits: [], degraded: 'refuse', ...(given.downgrade && { downgrade: given.downgrade }) },
    },
    release: { snapshot: { ...source, narHash: 'sha256-ours', lastModified: day - 86_400, repository: '/r' } },
    ports: { kinship: async () => given.kinship ?? { kind: 'unknown' } },
  } as const;
  tellOthers(facts, run);
  try {
    await judgeRelease(facts, run);
    return { notes };
  } catch (error) {
    return { notes, problem: problemOf(error) };
  }
}

const byBob = [begun('d1', 'bob@ci', theirs), ended('d1', 'promoted')];
const descendant = { kind: 'descendant', commits: 3 } as const;
const refused = {
  ...{ code: 'would-downgrade', newer: theirs, older: ours, tree: 'clean', repository: '/r', commits: 3 },
  ...{ by: 'bob@ci', at: 'at-d1' },
} as const;
const seen = 'revision bbbbbbbbbbbb of 2025-11-24, deployed at-d1 by bob@ci: promoted';

test('a proven descendant that runs is refused, with both revisions, how far it is ahead, and who deployed it when', async () => {
  assert.deepEqual(await judged(byBob, { kinship: descendant }), { notes: [], problem: refused });
});

test('a dirty tree is judged by the commit on which it is based', async () => {
  assert.deepEqual(await judged(byBob, { kinship: descendant, tree: 'dirty' }), {
    notes: [],
    problem: { ...refused, tree: 'dirty' },
  });
});

test('a downgrade that is allowed, or only previewed, is told', async () => {
  const notes = [`warning: goes back by 3 commits: it runs ${seen}, newer than aaaaaaaaaaaa of 2025-11-23`];
  assert.deepEqual(await judged(byBob, { kinship: descendant, downgrade: 'allow' }), { notes });
  assert.deepEqual(await judged(byBob, { kinship: descendant, goal: 'dry-activate' }), { notes });
});

test('what is the same or older is no matter, and neither is anything to a mere build', async () => {
  assert.deepEqual(await judged(byBob, { kinship: { kind: 'same' } }), { notes: [] });
  assert.deepEqual(await judged(byBob, { kinship: { kind: 'ancestor' } }), { notes: [] });
  assert.deepEqual(await judged(byBob, { kinship: descendant, goal: 'build' }), { notes: [] });
  assert.deepEqual(await judged([]), { notes: [] });
});

test('another branch is a warning; what nobody can prove is told as that', async () => {
  assert.deepEqual(await judged(byBob, { kinship: { kind: 'apart' } }), {
    notes: [`warning: it runs ${seen}, of another branch than aaaaaaaaaaaa of 2025-11-23: neither holds the other`],
  });
  const unknown = 'whether that is older than aaaaaaaaaaaa of 2025-11-23 is not known';
  assert.deepEqual(await judged(byBob), { notes: [`info: it runs ${seen}; ${unknown}`] });
  assert.deepEqual(await judged([begun('d1', 'bob@ci')]), {
    notes: [`info: it runs a tree without a revision of 2025-11-24, deployed at-d1 by bob@ci; ${unknown}`],
  });
  assert.deepEqual(await judged([begun('d1', 'ada@laptop')]), { notes: [] });
});

test('what others have deployed since our last is told, the last of it with its verdict', async () => {
  const same = { kinship: { kind: 'same' } } as const;
  const history = [begun('d0', 'ada@laptop'), ended('d0', 'promoted'), ...byBob];
  assert.deepEqual(await judged(history, same), { notes: [`info: since your last deployment there (at-d0): ${seen}`] });
  const trial = [begun('d2', 'eve@pc', theirs), ended('d2', 'tested'), begun('d2-boot', 'eve@pc', theirs)];
  const last = 'revision bbbbbbbbbbbb of 2025-11-24, deployed at-d2-boot by eve@pc';
  assert.deepEqual((await judged([...history, ...trial], same)).notes, [
    `info: since your last deployment there (at-d0): 2 deployments by others, the last one: ${last}`,
  ]);
  // Of a long history only the end was read.
  assert.deepEqual((await judged([...history, ...trial], { ...same, ours: 2 })).notes, [
    `info: since your last deployment there (at-d0): at least 2 deployments by others, the last one: ${last}`,
  ]);
  assert.deepEqual(await judged(byBob, same), { notes: [] });
});

test('what a host says of its history cannot draw on the terminal, nor break the run', async () => {
  const line = JSON.parse(byBob[0] ?? '{}');
  const hostile = JSON.stringify({ ...line, by: '\u001b[2Jbob', release: { ...line.release, lastModified: 1e300 } });
  const { notes } = await judged([hostile]);
  assert.match(notes.join(), /^info: it runs revision bbbbbbbbbbbb, deployed at-d1 by bob; /);
});
