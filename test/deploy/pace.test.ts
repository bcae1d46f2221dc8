import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { EventBody, HostResult } from '../../src/core/event.ts';
import { problemOf } from '../../src/core/problem.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import { type PacePorts, paceOf, type WaveQuestion } from '../../src/deploy/pace.ts';

const well = { verdict: 'promoted', code: null } as const;
const failed = { verdict: 'rolled-back', code: 'units-failed' } as const;

/** A run whose hosts end when they are told to, and what was said in it. */
function setUp(rollout: Partial<Rollout> & Pick<Rollout, 'waves'>, answer?: PacePorts['askToGoOn']) {
  const said: string[] = [];
  const interruption = new AbortController();
  const whole: Rollout = {
    ...{ kind: 'waves', dependencies: [], unreachable: 'fail' },
    ...{ maxFailures: { number: 0, unit: 'hosts' }, pause: { kind: 'none' } },
    ...rollout,
  };
  const pace = paceOf(whole, {
    emit: (event) => said.push(wordsOf(event)),
    signal: interruption.signal,
    askToGoOn: answer ?? (async () => assert.fail('asked')),
  });
  const wait = (host: string) =>
    pace.turn(host, interruption.signal).then(
      () => said.push(`${host} starts`),
      (error: unknown) => said.push(`${host}: ${error instanceof Error ? problemOf(error).code : error}`),
    );
  return {
    pace,
    said,
    interruption,
    start: () => void whole.waves.flat().map(wait),
    async end(host: string, result: Pick<HostResult, 'verdict' | 'code'> = well) {
      pace.ended(host, result);
      await turnOfLoop();
    },
  };
}

function wordsOf(event: EventBody): string {
  switch (event.event) {
    case 'wave-started':
      return `wave ${event.wave}: ${event.hosts.join(' ')}`;
    case 'wave-ended':
      return `wave ${event.wave} is over${event.failed.map((host) => `, ${host} failed`).join('')}`;
    case 'wave-pause':
      return `pause before wave ${event.wave}: ${event.hosts.join(' ')}`;
    default:
      return event.event;
  }
}

describe('the pace of a run', () => {
  test('a wave begins when all hosts of the one before have ended, and says so', async () => {
    const { said, start, end } = setUp({ waves: [['a', 'b'], ['c']] });
    start();
    await turnOfLoop();
    await end('b');
    assert.deepEqual(said, ['wave 1: a b', 'a starts', 'b starts']);
    await end('a');
    await end('c');
    assert.deepEqual(said.slice(3), ['wave 1 is over', 'wave 2: c', 'c starts', 'wave 2 is over']);
  });

  test('the waves behind a failure are skipped, and it is told once that the last one is over', async () => {
    const { said, start, end } = setUp({ waves: [['a'], ['b'], ['c']] });
    start();
    await turnOfLoop();
    await end('a', failed);
    await end('b', { verdict: 'skipped', code: 'wave-stopped' });
    await end('c', { verdict: 'skipped', code: 'wave-stopped' });
    assert.deepEqual(said, [
      ...['wave 1: a', 'a starts', 'wave 1 is over, a failed'],
      ...['b: wave-stopped', 'c: wave-stopped'],
    ]);
  });

  test('a host that is skipped for its dependency has not failed once it has ended so', async () => {
    const { said, start, end } = setUp({
      ...{ waves: [['a', 'b'], ['c'], ['d']], maxFailures: { number: 1, unit: 'hosts' } },
      dependencies: [{ host: 'b', on: ['a'], elsewhere: [] }],
    });
    start();
    await turnOfLoop();
    await end('a', failed);
    await end('b', { verdict: 'skipped', code: 'dependency-failed' });
    await end('c');
    assert.deepEqual(said, [
      ...['wave 1: a b', 'a starts', 'wave 1 is over, a failed', 'wave 2: c', 'b: dependency-failed', 'c starts'],
      ...['wave 2 is over', 'wave 3: d', 'd starts'],
    ]);
  });

  test('of one wave that nobody asked for nothing is said', async () => {
    const { said, start, end } = setUp({ kind: 'all-at-once', waves: [['a', 'b']] });
    start();
    await end('a', failed);
    await end('b');
    assert.deepEqual(said, ['a starts', 'b starts']);
  });

  test('a person is asked between two waves, and told what has happened so far and who is next', async () => {
    const asked: WaveQuestion[] = [];
    const { said, start, end } = setUp({ waves: [['a'], ['b'], ['c']], pause: { kind: 'ask' } }, async (question) => {
      asked.push(question);
      return question.wave === 2;
    });
    start();
    await turnOfLoop();
    await end('a');
    await end('b');
    assert.deepEqual(asked, [
      { wave: 2, of: 3, hosts: ['b'], ended: [{ host: 'a', verdict: 'promoted' }] },
      {
        ...{ wave: 3, of: 3, hosts: ['c'] },
        ended: [
          { host: 'a', verdict: 'promoted' },
          { host: 'b', verdict: 'promoted' },
        ],
      },
    ]);
    assert.deepEqual(said, [
      ...['wave 1: a', 'a starts', 'wave 1 is over', 'pause before wave 2: b'],
      ...['wave 2: b', 'b starts', 'wave 2 is over', 'pause before wave 3: c', 'c: declined'],
    ]);
  });

  test('a question that cannot be put is a no', async () => {
    const { said, start, end } = setUp({ waves: [['a'], ['b']], pause: { kind: 'ask' } }, () =>
      Promise.reject(new Error('no terminal')),
    );
    start();
    await turnOfLoop();
    await end('a');
    assert.equal(said.at(-1), 'b: declined');
  });

  test('a pause is over when its time has come, be it that this machine slept through it', async (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: 0 });
    const { said, start, end } = setUp({
      waves: [['a'], ['b']],
      pause: { kind: 'time', milliseconds: 3_600_000 },
    });
    start();
    await turnOfLoop();
    await end('a');
    context.mock.timers.setTime(3_600_000);
    while (!said.includes('b starts')) await turnOfLoop();
    assert.deepEqual(said.slice(2), ['wave 1 is over', 'pause before wave 2: b', 'wave 2: b', 'b starts']);
  });

  test('an interruption ends a pause, and no further host starts', async () => {
    const { said, start, end, interruption } = setUp({
      waves: [['a'], ['b']],
      pause: { kind: 'time', milliseconds: 3_600_000 },
    });
    start();
    await turnOfLoop();
    await end('a');
    interruption.abort('SIGINT');
    await turnOfLoop();
    assert.deepEqual(said.slice(2), ['wave 1 is over', 'pause before wave 2: b', 'b: SIGINT']);
  });

  test('a wave that is interrupted is the last', async () => {
    const { said, start, end, interruption } = setUp({ waves: [['a', 'b'], ['c']] });
    start();
    await turnOfLoop();
    interruption.abort('SIGINT');
    await turnOfLoop();
    await end('a', { verdict: 'rolled-back', code: 'not-confirmed' });
    await end('b');
    assert.deepEqual(said, ['wave 1: a b', 'a starts', 'b starts', 'c: SIGINT']);
  });

  test('where all must be in reach, none goes on before all were dialled', async () => {
    const { pace, said, start } = setUp({ waves: [['a'], ['b']], unreachable: 'stop' });
    const a = pace.reached('a').then(() => said.push('all are in reach'));
    await turnOfLoop();
    assert.deepEqual(said, []);
    await Promise.all([a, pace.reached('b')]);
    start();
    await turnOfLoop();
    assert.deepEqual(said, ['all are in reach', 'wave 1: a', 'a starts']);
  });

  test('where all must be in reach, one that is not stops those that are, of whatever wave', async () => {
    const { pace } = setUp({ waves: [['a'], ['b'], ['c']], unreachable: 'stop' });
    const others = Promise.allSettled([pace.reached('a'), pace.reached('b')]);
    pace.unreached('c');
    for (const other of await others) {
      assert.ok(other.status === 'rejected');
      assert.deepEqual(problemOf(other.reason), { code: 'stopped', unreachable: 'c' });
    }
  });

  test('an interruption ends the wait for all to be dialled', async () => {
    const { pace, interruption } = setUp({ waves: [['a'], ['b']], unreachable: 'stop' });
    const a = pace.reached('a');
    interruption.abort('SIGINT');
    await assert.rejects(a, (reason) => reason === 'SIGINT');
  });
});
