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

test('the second signal leaves at once with exit code 130', () => {
  const { world, events, left } = capturedWorld();
  listenForInterruption(world);
  events.emit('SIGTERM');
  events.emit('SIGINT');
  assert.deepEqual(left, [130]);
});

test('after the run signals are what they were before', () => {
  const { world, events } = capturedWorld();
  listenForInterruption(world).release();
  assert.deepEqual(events.eventNames(), []);
});
