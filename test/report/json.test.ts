import { strict as assert } from 'node:assert';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createReport } from '../../src/report/report.ts';
import { readEvents } from '../core/read-event.ts';
import { buildFails, eventOf, promoted, run, story } from './runs.ts';
import { record } from './stage.ts';

test('each event is a line, as it is, and there is nothing else', async () => {
  const events = run({ hosts: { web1: promoted(), web2: buildFails() } });
  const { stdout, stderr } = await record(events, { output: 'json' });
  assert.equal(stderr, '');
  assert.deepEqual(
    readEvents(stdout),
    events.map(eventOf).map((event) => JSON.parse(JSON.stringify(event))),
  );
  assert.match(
    stdout,
    /\{"version":1,"at":"2026-11-22T10:00:40\.\d+Z","event":"result","exitCode":1,"hosts":\[.*\]\}\n$/,
  );
});

test('control codes are escaped without changing the value', async () => {
  const line = 'a\u001b[31m\u009b31m\u007f\u2028\u202eb\ud800';
  const { stdout } = await record(run({ hosts: { web1: story(0, [{ phase: 'build', ms: 10, log: [line] }]) } }), {
    output: 'json',
  });
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ud800-\udfff]/);
  const log = readEvents(stdout).find(({ event }) => event === 'log');
  assert.equal(log?.event === 'log' && log.line, line);
});

test('a reader who leaves early ends the writing and nothing else', async () => {
  for (const output of ['json', 'lines'] as const) {
    const left = brokenPipe();
    const report = createReport({
      output,
      verbosity: 'normal',
      stdout: left,
      stderr: left,
      environment: {},
      retryCommand: () => '',
      commandTo: () => '',
    });
    for (const timed of run({ hosts: { web1: promoted() } })) report.listen(eventOf(timed));
    await report.close();
    assert.equal(left.writes(), 1);
  }
});

function brokenPipe() {
  const events = new EventEmitter();
  let writes = 0;
  return {
    on: (name: 'error', listener: (error: Error) => void) => events.on(name, listener),
    write() {
      writes++;
      events.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return false;
    },
    writes: () => writes,
  };
}
