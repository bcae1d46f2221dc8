import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { type Run, runOnHosts } from '../../src/cli/run-hosts.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readCheckRequest } from '../../src/config/read-request.ts';
import type { Event, HostResult } from '../../src/core/event.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { readEvent } from '../core/read-event.ts';
import { capturedWorld } from './captured-world.ts';

function resultOf(host: string, verdict: Verdict): HostResult {
  return {
    host,
    verdict,
    code: null,
    reason: verdict,
    remedy: null,
    running: null,
    bootDefault: null,
    rev: null,
    seconds: 1,
  };
}

async function run(
  work: (ports: Parameters<Run['work']>[0], processEvents: EventEmitter) => ReturnType<Run['work']>,
  around: { readonly signal?: AbortSignal; readonly listen?: (event: Event) => void } = {},
) {
  const { world, stderr, events: processEvents } = capturedWorld();
  const request = readCheckRequest({
    destinations: ['web1', 'root@web2'],
    settings: gatherSettings('check', new Map(), {}),
    nixArguments: [],
    except: [],
    all: false,
    problems: [],
  });
  assert.ok(!('code' in request), 'a request');
  const events: Event[] = [];
  const exitCode = await runOnHosts({
    request,
    started: {
      event: 'run-started',
      verb: 'check',
      goal: null,
      deployment: null,
      flake: null,
      hosts: ['web1', 'web2'],
    },
    world,
    signal: around.signal ?? new AbortController().signal,
    createReport: () => ({
      listen: (event) => {
        events.push(readEvent(JSON.stringify(event)));
        around.listen?.(event);
      },
      showPlan: () => undefined,
      close: async () => undefined,
    }),
    commandFor: (hosts) => `flurry check ${hosts.join(' ')}`,
    commandTo: (verb, hosts) => `flurry ${verb} ${hosts.join(' ')}`,
    work: (ports) => work(ports, processEvents),
  });
  const said = events.map((event) => ('verdict' in event ? `${event.host} ${event.verdict}` : event.event));
  return { exitCode, events, said, stderr: stderr(), processEvents };
}

test('a run goes from run-started to result, each event with version and time', async () => {
  const { exitCode, events, said } = await run(async ({ emit }) => {
    emit({ event: 'verdict', ...resultOf('web2', 'healthy') });
    emit({ event: 'verdict', ...resultOf('web1', 'unhealthy') });
    return [resultOf('web1', 'unhealthy'), resultOf('web2', 'healthy')];
  });
  assert.deepEqual(said, ['run-started', 'web2 healthy', 'web1 unhealthy', 'result']);
  assert.ok(events.every(({ version, at }) => version === 1 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at)));
  const last = events.at(-1);
  assert.deepEqual(last?.event === 'result' ? last.hosts.map(({ host }) => host) : [], ['web1', 'web2']);
  assert.equal(exitCode, 1);
});

const ends: readonly (readonly [Verdict, Verdict, 'interrupted' | 'undisturbed', number])[] = [
  ['healthy', 'healthy', 'undisturbed', 0],
  ['promoted', 'skipped', 'undisturbed', 0],
  ['promoted', 'refused', 'undisturbed', 1],
  ['in-doubt', 'refused', 'undisturbed', 3],
  ['promoted', 'failed', 'interrupted', 130],
  ['promoted', 'promoted', 'interrupted', 130],
  ['promoted', 'in-doubt', 'interrupted', 3],
];

for (const [one, other, how, expected] of ends) {
  test(`${one} and ${other}, ${how}: exit code ${expected}`, async () => {
    const signal = how === 'interrupted' ? AbortSignal.abort('SIGINT') : new AbortController().signal;
    const { exitCode } = await run(async () => [resultOf('web1', one), resultOf('web2', other)], { signal });
    assert.equal(exitCode, expected);
  });
}

test('a bug in the middle keeps the verdicts that were reached, and puts the other hosts in doubt', async () => {
  const { exitCode, events, said, stderr } = await run(async ({ emit }) => {
    emit({ event: 'verdict', ...resultOf('web1', 'healthy') });
    throw new TypeError('x is not a function');
  });
  assert.deepEqual(said, ['run-started', 'web1 healthy', 'web2 in-doubt', 'result']);
  const last = events.at(-1);
  assert.deepEqual(last?.event === 'result' ? last.hosts.map(({ host, code }) => [host, code]) : [], [
    ['web1', null],
    ['web2', 'internal'],
  ]);
  assert.equal(exitCode, 3);
  assert.equal(
    stderr,
    'flurry: flurry itself failed (TypeError: x is not a function)\n' +
      '  this is a bug of flurry; please report it with the output of the same command with --verbose\n',
  );
});

test('a report that cannot draw does not stop the hosts; it is told once, exit 1', async () => {
  const { exitCode, stderr } = await run(async () => [resultOf('web1', 'healthy'), resultOf('web2', 'healthy')], {
    listen: () => {
      throw new RangeError('no columns');
    },
  });
  assert.equal(exitCode, 1);
  assert.equal(stderr.match(/RangeError: no columns/g)?.length, 1);
});

test('an exception that nobody caught is told, and the run goes on to its verdicts', async () => {
  const { exitCode, said, stderr } = await run(async (_, processEvents) => {
    processEvents.emit('uncaughtException', new Error('somebody else threw'));
    return [resultOf('web1', 'healthy'), resultOf('web2', 'healthy')];
  });
  assert.deepEqual([exitCode, said], [1, ['run-started', 'result']]);
  assert.match(stderr, /^flurry: flurry itself failed \(Error: somebody else threw\)\n/);
});

test('after the run uncaught exceptions are nobody’s again', async () => {
  const { processEvents } = await run(async () => []);
  assert.deepEqual(processEvents.eventNames(), []);
});

test('problems are explained with the command for that host alone', async () => {
  const remedies: (string | null)[] = [];
  await run(async ({ explain }) => {
    remedies.push(explain({ code: 'degraded', failedUnits: ['a.service'] }, 'web2').remedy);
    return [];
  });
  assert.match(remedies[0] ?? '', /flurry check web2 --ignore-unit a\.service/);
});
