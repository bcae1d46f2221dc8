import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RollbackAim } from '../../src/core/plan.ts';
import { problemOf } from '../../src/core/problem.ts';
import { chooseTarget } from '../../src/deploy/rollback-target.ts';
import { readEarlierSystems } from '../../src/host/earlier-systems.ts';

const systems = { base: '/nix/store/0-base', a: '/nix/store/1-a', b: '/nix/store/2-b', c: '/nix/store/3-c' } as const;
type Name = keyof typeof systems;

interface Past {
  readonly old: Name;
  readonly new: Name;
  readonly verdict?: string;
  readonly rev?: string;
  /** What booted before. */
  readonly oldProfile?: Name;
}

/** What a host answers whose deployments were these; generation N holds the N-th of `generations`. */
function answer(past: readonly Past[], generations: readonly Name[], gone: readonly Name[] = []): string {
  const begun = past.map(
    (one, index) =>
      `begun {"event":"begun","id":"d${index}","at":"2026-11-24T14:5${index}:00Z","boot":"x","by":"ada@laptop","goal":"promote","old":"${
        systems[one.old]
      }","new":"${systems[one.new]}"${
        one.oldProfile === undefined ? '' : `,"oldProfile":"${systems[one.oldProfile]}"`
      },"release":${JSON.stringify(one.rev === undefined ? {} : { rev: one.rev.padEnd(40, '0') })}}`,
  );
  const ended = past.flatMap(({ verdict = 'promoted' }, index) =>
    verdict === '' ? [] : [`ended d${index} ${verdict}`],
  );
  const present = Object.entries(systems).filter(([name]) => !gone.some((one) => one === name));
  return [
    ...begun,
    ...ended,
    ...generations.map((name, index) => `generation ${index + 1} ${systems[name]}`),
    ...present.map(([, path]) => `present ${path}`),
  ].join('\n');
}

function chosen(told: string, running: Name, aim: RollbackAim = { kind: 'replaced' }) {
  try {
    const { toplevel, generation, broughtBy } = chooseTarget(aim, readEarlierSystems(told), systems[running]);
    return [toplevel, generation, broughtBy?.id];
  } catch (error) {
    return problemOf(error);
  }
}

const ab: readonly Past[] = [
  { old: 'base', new: 'a', rev: 'aaaa' },
  { old: 'a', new: 'b', rev: 'bbbb' },
];

test('a rollback goes to what the last promotion replaced, by the newest generation that holds it', () => {
  assert.deepEqual(chosen(answer(ab, ['base', 'a', 'b']), 'b'), [systems.a, 2, 'd0']);
  assert.deepEqual(chosen(answer(ab, ['base', 'a', 'b', 'a', 'b']), 'b'), [systems.a, 4, 'd0']);
});

test('a second rollback goes forth again', () => {
  const back = [...ab, { old: 'b', new: 'a' }] as const;
  assert.deepEqual(chosen(answer(back, ['base', 'a', 'b', 'a']), 'a'), [systems.b, 3, 'd1']);
});

test('what the first promotion replaced was brought by no deployment, and may be in no generation', () => {
  assert.deepEqual(chosen(answer(ab.slice(0, 1), ['base', 'a']), 'a'), [systems.base, 1, undefined]);
  assert.deepEqual(chosen(answer(ab.slice(0, 1), ['a']), 'a'), [systems.base, undefined, undefined]);
});

test('deployments that did not change the host, and those whose end is not known, do not count', () => {
  for (const verdict of ['rolled-back', 'refused', 'failed', 'staged', 'in-doubt', 'previewed', '']) {
    const past = [...ab, { old: 'b', new: 'c', verdict }] as const;
    assert.deepEqual(chosen(answer(past, ['base', 'a', 'b']), 'b'), [systems.a, 2, 'd0'], verdict);
  }
});

test('what was booted once without a test, and promoted then, replaced what booted before', () => {
  const past = [...ab, { old: 'b', new: 'c', verdict: 'staged' }, { old: 'c', new: 'c', oldProfile: 'b' }] as const;
  assert.deepEqual(chosen(answer(past, ['base', 'a', 'b', 'c']), 'c'), [systems.b, 3, 'd1']);
});

test('what was tested first, and promoted by the next run, replaced what ran before the test', () => {
  const past = [...ab, { old: 'b', new: 'c', verdict: 'tested' }, { old: 'c', new: 'c' }] as const;
  assert.deepEqual(chosen(answer(past, ['base', 'a', 'b', 'c']), 'c'), [systems.b, 3, 'd1']);
});

test('a host that runs something else than its last promotion brought is not guessed at', () => {
  const problem = {
    code: 'not-what-was-promoted',
    id: 'd1',
    expected: systems.b,
    found: systems.c,
    generations: [1, 2, 3],
  };
  assert.deepEqual(chosen(answer(ab, ['base', 'a', 'b']), 'c'), problem);
  const tested = [...ab, { old: 'b', new: 'c', verdict: 'tested' }] as const;
  assert.deepEqual(chosen(answer(tested, ['base', 'a', 'b']), 'c'), problem);
});

test('a host without a promotion, and one whose promotion replaced nothing, has nothing to go back to', () => {
  const problem = { code: 'nothing-to-roll-back-to', generations: [1] };
  assert.deepEqual(chosen('generation 1 /nix/store/0-base\npresent /nix/store/0-base', 'base'), problem);
  assert.deepEqual(chosen(answer([{ old: 'base', new: 'base' }], ['base']), 'base'), problem);
});

test('a generation is named by its number, whatever runs', () => {
  const told = answer(ab, ['base', 'a', 'b']);
  assert.deepEqual(chosen(told, 'c', { kind: 'generation', number: 1 }), [systems.base, 1, undefined]);
  const problem = { code: 'no-such-generation', number: 4, generations: [1, 2, 3] };
  assert.deepEqual(chosen(told, 'b', { kind: 'generation', number: 4 }), problem);
});

test('generations are told in the order of their numbers', () => {
  const told = ['10 /nix/store/3-c', '9 /nix/store/2-b', 'x /nix/store/1-a', '2 /nix/store/0-base'];
  const { generations } = readEarlierSystems(told.map((line) => `generation ${line}`).join('\n'));
  assert.deepEqual(
    generations.map(({ number }) => number),
    [2, 9, 10],
  );
});

test('a revision stands for what was last deployed of it and stayed', () => {
  const past: readonly Past[] = [
    ...ab,
    { old: 'b', new: 'c', rev: 'aaaa' },
    { old: 'c', new: 'a', rev: 'aaab', verdict: 'rolled-back' },
  ];
  const to = (rev: string) => chosen(answer(past, ['base']), 'c', { kind: 'revision', rev });
  assert.deepEqual(to('aaaa'), [systems.c, undefined, 'd2']);
  assert.deepEqual(to('bbbb0'), [systems.b, undefined, 'd1']);
  const known = ['aaaa', 'bbbb'].map((rev) => rev.padEnd(40, '0'));
  assert.deepEqual(to('aaab'), { code: 'no-such-revision', rev: 'aaab', known });
});

test('digits that several revisions begin with are refused with these', () => {
  const past: readonly Past[] = [
    { old: 'base', new: 'a', rev: 'aaaa1' },
    { old: 'a', new: 'b', rev: 'aaaa2' },
  ];
  const matching = ['aaaa2', 'aaaa1'].map((rev) => rev.padEnd(40, '0'));
  const told = answer(past, ['base']);
  assert.deepEqual(chosen(told, 'b', { kind: 'revision', rev: 'aaaa' }), {
    code: 'ambiguous-revision',
    rev: 'aaaa',
    matching,
  });
});

test('a system that was collected as garbage meanwhile is told as such', () => {
  const problem = { code: 'system-gone', toplevel: systems.a, generations: [1, 2] };
  assert.deepEqual(chosen(answer(ab, ['base', 'b'], ['a']), 'b'), problem);
});

test('a history that is torn, or none of ours, is read as far as it goes', () => {
  const noise = [
    'begun {"event":"begun","id":"d9","at":"2026',
    'begun [1,2]',
    'begun null',
    'begun {"event":"begun","id":7,"new":{}}',
    'begun {"event":"begun","id":"d8","new":"/nix/store/2-b","old":7,"release":"x","at":null}',
    'ended',
  ];
  const { deployments } = readEarlierSystems([...noise, answer(ab, [])].join('\n'));
  assert.deepEqual(
    deployments.map(({ id, old, verdict, release }) => [id, old, verdict, release.rev?.slice(0, 4)]),
    [
      ['d8', '', undefined, undefined],
      ['d0', systems.base, 'promoted', 'aaaa'],
      ['d1', systems.a, 'promoted', 'bbbb'],
    ],
  );
});
