import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBody } from '../../src/core/event.ts';
import { explain } from '../../src/core/explain.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { confirm } from '../../src/deploy/confirm.ts';
import type { HostRun } from '../../src/deploy/host.ts';
import { reachOf } from '../../src/deploy/reach.ts';
import { narrate } from '../../src/deploy/stage.ts';
import { healthy } from './sample-facts.ts';

const plan = {
  host: { name: 'web1', address: 'web1' },
  goal: 'promote',
  gates: { ignoreUnits: [], degraded: 'refuse' },
  limits: defaultLimits,
  policies: {
    onUnitFailure: 'rollback',
    onCheckFailure: 'rollback',
    ifRollbackFails: 'hold',
    confirm: 'auto',
    together: 'each-alone',
  },
  reboots: { reboot: 'never', onInhibitor: 'refuse' },
  buildOn: 'target',
} as const;

function heard() {
  const events: EventBody[] = [];
  const narration = narrate('web1', (event) => events.push(event));
  return { events, narration, reach: reachOf(narration, plan) };
}

test('that a host is out of reach is said once, with its deadline, until it is reached again', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-22T10:00:00.500Z') });
  const { events, reach } = heard();
  reach.again();
  reach.begun({ goal: 'promote' });
  reach.heard({ state: 'waiting', secondsLeft: 48 });
  context.mock.timers.tick(20_000);
  reach.unproven('refused');
  reach.unproven('refused still');
  reach.lost();
  reach.lost();
  context.mock.timers.tick(9000);
  reach.again();
  reach.again();
  const course = {
    host: 'web1',
    phase: 'connect',
    course: 'goes-back',
    does: 'unless it is confirmed in time, it puts back what it ran before',
    by: '2026-11-22T10:00:48.500Z',
  };
  assert.deepEqual(events, [
    { event: 'out-of-reach', contact: 'unproven', reason: 'refused', ...course },
    { event: 'out-of-reach', contact: 'lost', reason: 'last seen waiting to be confirmed', ...course },
    { event: 'reached-again', host: 'web1', phase: 'connect', contact: 'lost', milliseconds: 9000 },
  ]);
});

test('a host that swallows new connections is told of after 10 s, not after all tries', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { events, narration, reach } = heard();
  let refuse = (_: Error): void => {};
  const run: HostRun = {
    plan,
    deploymentId: 'd1',
    owner: 'test@here',
    act: 'at-once',
    release: { kind: 'flake', snapshot, overrides: [], inputs: [], nixArguments: [], configurations: [] },
    narration,
    inSlot: (work) => work(() => {}),
    inCopySlot: (work) => work(() => {}),
    inBuildSlot: (work) => work(() => {}),
    builds: { toplevel: async () => assert.fail('nothing is built here') },
    inRebootSlot: async (work) => await work(),
    ports: {
      connect: () => new Promise((_, reject) => (refuse = reject)),
      emit: () => {},
      signal: new AbortController().signal,
      explain: (problem, host) => explain(problem, { host }),
      copyPaths: async () => {},
      buildHere: async () => assert.fail('nothing is built here'),
      fetchInputs: async () => {},
      askPerson: async () => false,
      askToGo: async () => false,
      askToGoOn: async () => false,
      architectures: async () => new Map(),
      kinship: async () => ({ kind: 'unknown' }),
    },
  };
  const deployment = { id: 'd1', shell: 'user', limits: defaultLimits, owner: 'test@here' } as const;
  const { running, profile, bootDefault, bootId } = healthy;
  const standing = {
    state: 'waiting',
    secondsLeft: 60,
    gone: false,
    marked: false,
    bootId,
    running,
    profile,
    bootDefault,
  } as const;
  reach.heard(standing);

  const contact = { persist: async () => assert.fail('it has no checks') };
  const confirming = confirm(run, { deployment, facts: healthy, reach, contact }, standing);
  context.mock.timers.tick(9999);
  assert.equal(events.length, 0);
  context.mock.timers.tick(1);
  assert.deepEqual(
    events.map((event) => event.event === 'out-of-reach' && [event.contact, event.reason]),
    [['unproven', 'no answer within 10 s']],
  );
  refuse(new FlurryError({ code: 'authentication-failed', user: 'root', tried: ['publickey'] }));
  await confirming;
  assert.deepEqual(
    events.map(({ event }) => event),
    ['out-of-reach', 'note'],
  );
});

const snapshot = {
  reference: '.',
  storePath: '/nix/store/00000000000000000000000000000000-source',
  narHash: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  lastModified: 0,
  dirtyFiles: 0,
} as const;
