import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createBoard } from '../../src/report/board.ts';
import { eventOf, run, story } from './runs.ts';
import { setUp } from './stage.ts';
import { openVirtualTerminal } from './virtual-terminal.ts';

const hostile =
  '\u001b[2J\u001b]0;title\u0007\u001b[31m\u009b2J\u202eevil\u0000\u0008\u0008\r\u001b[10;10Hhere\n\nthere ';

test('the log of a host moves nothing on the screen, whatever codes it holds', async () => {
  const log = Array.from({ length: 50 }, (_, index) => hostile.repeat(index + 1));
  const events = run({
    hosts: {
      web1: story(0, [{ phase: 'build', ms: 9000, log, outcome: 'failed' }]),
      web2: story(0, [{ phase: 'build', ms: 9000, log }]),
    },
  });
  for (const verbosity of ['normal', 'verbose'] as const) {
    const terminal = openVirtualTerminal(80, 24);
    const stage = setUp(events, { stdout: terminal, stderr: terminal, verbosity });
    // The virtual terminal fails on every code that is not the report's own.
    for (let ms = 0; ms <= 9000; ms += 500) stage.playUntil(ms);
    assert.match(terminal.screen(), /web2 +.*\n?/);
    await stage.finish();
    assert.doesNotMatch(terminal.written(), /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u007f-\u009f\u202e]/);
  }
});

test('names, notes, reasons and remedies are made harmless too', async () => {
  const terminal = openVirtualTerminal(80, 24);
  const result = {
    host: hostile,
    verdict: 'failed',
    code: 'internal',
    reason: hostile,
    remedy: `${hostile}\n  ${hostile}`,
    running: hostile,
    bootDefault: hostile,
    rev: hostile,
    seconds: 1,
  } as const;
  const stage = setUp(
    [
      {
        at: 0,
        body: {
          event: 'run-started',
          verb: 'deploy',
          goal: 'promote',
          deployment: null,
          flake: { reference: hostile, rev: hostile, branch: hostile, dirtyFiles: 0, narHash: hostile },
          hosts: [hostile],
        },
      },
      { at: 1, body: { event: 'note', host: hostile, phase: 'build', level: 'warning', message: hostile } },
      { at: 2, body: { event: 'verdict', ...result } },
      { at: 3, body: { event: 'result', exitCode: 1, hosts: [result] } },
    ],
    { stdout: terminal, stderr: terminal },
  );
  stage.playUntil(1);
  await stage.finish();
  assert.match(terminal.everything(), /again:/);
});

test('an endless log is shown ten times a second at most, and takes no memory', async () => {
  const terminal = openVirtualTerminal(80, 24);
  const stage = setUp([], { stdout: terminal, stderr: terminal, verbosity: 'verbose' });
  const [started] = run({ hosts: { web1: story(0, []) } });
  assert.ok(started !== undefined);
  stage.report.listen(eventOf(started));
  stage.playUntil(0);
  const before = terminal.written().length;
  for (let index = 0; index < 100_000; index++) {
    stage.report.listen(
      eventOf({ at: 1, body: { event: 'log', host: 'web1', phase: 'build', line: `line ${index}` } }),
    );
  }
  assert.equal(terminal.written().length, before, 'nothing is written between two frames');
  stage.playUntil(100);
  assert.ok(terminal.written().length - before < 20_000);
  assert.match(terminal.everything(), /… 99800 lines not shown/);
  await stage.report.close();
});

test('lines of a megabyte are not kept', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const board = createBoard();
  collectGarbage();
  const before = process.memoryUsage();
  for (let index = 0; index < 200; index++) {
    const line = `${index} ${'x'.repeat(1024 * 1024)}`;
    board.listen(eventOf({ at: 0, body: { event: 'log', host: `web${index % 20}`, phase: 'build', line } }));
  }
  collectGarbage();
  const after = process.memoryUsage();
  assert.ok(after.heapUsed - before.heapUsed < 8 * 1024 * 1024, `${after.heapUsed - before.heapUsed} bytes are kept`);
  assert.equal(board.host('web3')?.tail.length, 10);
  assert.ok((board.host('web3')?.lastLine.length ?? 0) <= 500);
});

test('a line of returns alone is read in no time', () => {
  const board = createBoard();
  board.listen(
    eventOf({
      at: 0,
      body: { event: 'log', host: 'web1', phase: 'build', line: `${'\r\n'.repeat(500_000)}x${'\r'.repeat(1_000_000)}` },
    }),
  );
  assert.equal(board.host('web1')?.lastLine, '\nx');
});
