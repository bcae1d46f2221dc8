import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenForInterruption } from '../../src/cli/interruption.ts';
import { capturedWorld } from './captured-world.ts';

for (const name of ['SIGINT', 'SIGTERM']) {
  test(`the first ${name} lets the run end in order`, () => {
    const { world, events, stderr, left } = capturedWorld();
    const { signal } = listenForInterruption(world);
    events.emit(name);
    assert.deepEqual([signal.aborted, signal.reason, left], [true, name, []]);
    assert.equal(
      stderr(),
      `\nflurry: ${name}: nothing new is started, the hosts' verdicts are awaited; once more leaves at once\n`,
    );
  });
}

test('the second signal leaves at once with exit code 130, and tells how to go on', () => {
  const { world, events, stderr, left } = capturedWorld();
  listenForInterruption(world, {
    afterwards: ['it goes on', '  to stop it:', '    flurry abort web1'],
    leaves: 'second',
  });
  events.emit('SIGTERM');
  const first = stderr();
  events.emit('SIGINT');
  assert.deepEqual(left, [130]);
  assert.equal(
    stderr().slice(first.length),
    '\nflurry: SIGINT once more: left at once; it goes on\n  to stop it:\n    flurry abort web1\n',
  );
});

test('where nothing is awaited, the first signal leaves already, and tells how to go on', () => {
  const { world, events, stderr, left } = capturedWorld();
  const { signal } = listenForInterruption(world, {
    afterwards: ['it goes on', '    flurry abort web1'],
    leaves: 'first',
  });
  events.emit('SIGINT');
  assert.deepEqual([signal.aborted, left], [true, []]);
  assert.equal(stderr(), '\nflurry: SIGINT: left; it goes on\n    flurry abort web1\n');
});

test('where nothing goes on, the second signal says so little', () => {
  const { world, events, stderr } = capturedWorld();
  listenForInterruption(world);
  events.emit('SIGINT');
  const first = stderr();
  events.emit('SIGINT');
  assert.equal(stderr().slice(first.length), '\nflurry: SIGINT once more: left at once\n');
});

test('after the run signals are what they were before', () => {
  const { world, events } = capturedWorld();
  listenForInterruption(world).release();
  assert.deepEqual(events.eventNames(), []);
});
