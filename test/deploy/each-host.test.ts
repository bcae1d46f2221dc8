import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Explanation, explain } from '../../src/core/explain.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { Session } from '../../src/core/ports.ts';
import { FlurryError, type Problem } from '../../src/core/problem.ts';
import { type EachHost, onEachHost } from '../../src/deploy/each-host.ts';

const signal = new AbortController().signal;
const explained = (problem: Problem, host: string): Explanation => explain(problem, { host });

/** Hosts of which those named `dead…` answer nobody until they are given up; gives what became of the others by then. */
async function lookedAt(
  names: readonly string[],
  limits: { readonly parallel: number; readonly parallelConnects: number; readonly slot: EachHost['slot'] },
) {
  const events: string[] = [];
  const most = { dialled: 0, asked: 0 };
  const now = { dialled: 0, asked: 0 };
  const enter = (what: 'dialled' | 'asked'): void => {
    now[what] += 1;
    most[what] = Math.max(most[what], now[what]);
  };
  let giveUp = (): void => {};
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const connect = async ({ name, address }: Session['host']): Promise<Session> => {
    enter('dialled');
    // Everybody who may be dialled at the same time is.
    await new Promise(setImmediate);
    try {
      if (name.startsWith('dead')) {
        await givenUp;
        throw new FlurryError({ code: 'connect-timeout', address, port: 22, afterMs: 15_000, tries: 3 });
      }
    } finally {
      now.dialled -= 1;
    }
    const unused = (): never => assert.fail('not asked for');
    return {
      host: { name, address },
      elevation: 'none',
      openShell: unused,
      openSocket: unused,
      traffic: unused,
      close: async () => void events.push(`${name} closed`),
    };
  };
  const hosts = names.map((name) => ({ host: { name, address: name }, limits: defaultLimits }));
  const { slot, ...plan } = limits;
  const ports = { connect, emit: () => {}, signal, explain: explained };
  const run = onEachHost({ hosts, ...plan }, ports, { verdictOf: () => 'unreachable', slot }, async (session) => {
    enter('asked');
    await new Promise(setImmediate);
    now.asked -= 1;
    events.push(`${session.host.name} seen`);
    return { verdict: 'seen' };
  });
  const living = names.filter((name) => !name.startsWith('dead'));
  let turns = 0;
  while (events.length < 2 * living.length && turns < 1000) {
    turns += 1;
    await new Promise(setImmediate);
  }
  const seenMeanwhile = living.filter((name) => events.includes(`${name} seen`) && events.includes(`${name} closed`));
  giveUp();
  return { seenMeanwhile, most, results: (await run).map(({ host, verdict }) => `${host} ${verdict}`) };
}

const living = Array.from({ length: 17 }, (_, index) => `web${index}`);
const dead = ['dead0', 'dead1', 'dead2'];

test('all hosts are dialled at once, and dead ones hold up no other, though fewer may be worked on at the same time than are dead', async () => {
  const { seenMeanwhile, most, results } = await lookedAt([...dead, ...living], {
    ...{ parallel: 2, parallelConnects: 32, slot: 'work' },
  });
  assert.deepEqual(seenMeanwhile, living);
  assert.deepEqual(most, { dialled: 20, asked: 2 });
  assert.deepEqual(results.slice(0, 4), ['dead0 unreachable', 'dead1 unreachable', 'dead2 unreachable', 'web0 seen']);
});

test('no more hosts are dialled at once than may be', async () => {
  const { seenMeanwhile, most } = await lookedAt([...dead, ...living], {
    ...{ parallel: 10, parallelConnects: 5, slot: 'work' },
  });
  assert.deepEqual([seenMeanwhile.length, most.dialled], [17, 5]);
});

test('what is joined for a long time counts only until its connection stands', async () => {
  const { seenMeanwhile, most } = await lookedAt(living, { parallel: 3, parallelConnects: 32, slot: 'connect' });
  assert.deepEqual([seenMeanwhile.length, most.dialled, most.asked > 3], [17, 3, true]);
});
