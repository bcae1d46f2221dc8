import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCommand, readHttp, readTcp, unitWatch } from '../../src/host/check-answers.ts';

/** As systemd 257 answers, with tabs for line breaks. */
function look(
  state: string,
  own: { readonly restarts?: number; readonly invocation?: string; readonly result?: string } = {},
) {
  const [active, sub] = state.split(' ');
  const { restarts = 0, invocation = 'a1', result = 'success' } = own;
  return `Result=${result}\tNRestarts=${restarts}\tLoadState=loaded\tActiveState=${active}\tSubState=${sub}\tInvocationID=${invocation}\t`;
}

function watched(
  activeForMs: number,
  looks: readonly (readonly [seconds: number, answer: string])[],
): readonly string[] {
  const judge = unitWatch({ kind: 'unit', unit: 'web.service', activeForMs });
  return looks.map(([seconds, answer]) => {
    const { outcome, seen } = judge(answer, 1_000_000 + seconds * 1000);
    return `${outcome}: ${seen}`;
  });
}

describe('a unit', () => {
  test('passes once it was seen active for so long', () => {
    const up = look('active running');
    assert.deepEqual(
      watched(5000, [
        [0, up],
        [2, up],
        [4, up],
        [6, up],
      ]),
      [
        'not-yet: active for 0 s of 5 s',
        'not-yet: active for 2 s of 5 s',
        'not-yet: active for 4 s of 5 s',
        'passed: active for 6 s',
      ],
    );
    assert.deepEqual(watched(0, [[0, up]]), ['passed: active for 0 s']);
  });

  test('that starts is waited for, and one that reloads stays active', () => {
    assert.deepEqual(
      watched(3000, [
        [0, look('activating start')],
        [2, look('active running')],
        [4, look('reloading reload')],
        [6, look('active running')],
      ]),
      [
        'not-yet: activating (start)',
        'not-yet: active for 0 s of 3 s',
        'not-yet: active for 2 s of 3 s',
        'passed: active for 4 s',
      ],
    );
  });

  test('that flaps fails, says how often it was restarted, and passes once it stays', () => {
    assert.deepEqual(
      watched(5000, [
        [0, look('active running', { restarts: 4 })],
        [2, look('activating auto-restart', { restarts: 4, result: 'exit-code' })],
        [4, look('active running', { restarts: 6, invocation: 'b2' })],
        [12, look('active running', { restarts: 7, invocation: 'c3' })],
        [18, look('active running', { restarts: 7, invocation: 'c3' })],
      ]),
      [
        'not-yet: active for 0 s of 5 s',
        'failed: activating (auto-restart, exit-code)',
        'failed: restarted 2 times in 4 s, active for 0 s of 5 s',
        'failed: restarted 3 times in 12 s, active for 0 s of 5 s',
        'passed: restarted 3 times in 18 s, active for 6 s',
      ],
    );
  });

  test('that somebody restarts by hand begins anew: systemd counts that as none', () => {
    assert.deepEqual(
      watched(3000, [
        [0, look('active running', { restarts: 2 })],
        [4, look('active running', { invocation: 'b2' })],
      ]),
      ['not-yet: active for 0 s of 3 s', 'failed: restarted once in 4 s, active for 0 s of 3 s'],
    );
  });

  test('that was not active and is started is not restarted by that', () => {
    assert.deepEqual(
      watched(1000, [
        [0, look('inactive dead', { invocation: '' })],
        [2, look('active running')],
        [4, look('active running')],
      ]),
      ['failed: inactive (dead)', 'not-yet: active for 0 s of 1 s', 'passed: active for 2 s'],
    );
  });

  test('that has failed, or is not there, fails', () => {
    assert.deepEqual(watched(0, [[0, look('failed failed', { result: 'exit-code' })]]), [
      'failed: failed (failed, exit-code)',
    ]);
    const absent =
      'Result=success\tNRestarts=0\tLoadState=not-found\tActiveState=inactive\tSubState=dead\tInvocationID=';
    assert.deepEqual(watched(0, [[0, absent]]), ['failed: there is no such unit']);
    assert.deepEqual(watched(0, [[0, absent.replace('not-found', 'masked')]]), ['failed: its unit is masked']);
    assert.deepEqual(watched(0, [[0, 'Failed to connect to bus: Connection refused']]), [
      'failed: Failed to connect to bus: Connection refused',
    ]);
    assert.deepEqual(watched(0, [[0, '']]), ['failed: systemd does not answer']);
  });
});

const commands = [
  ['exit 0', 10, 'passed: exit 0'],
  ['exit 0\tall 3 jobs done\t', 10, 'passed: exit 0: all 3 jobs done'],
  ['exit 1\tlooking\tjob 3 is stuck\t', 10, 'failed: exit 1: job 3 is stuck'],
  ['exit 124\twaiting for the queue\t', 5000, 'failed: no end within 5 s: waiting for the queue'],
  ['exit 137', 5000, 'failed: no end within 5 s'],
  ['exit 137', 200, 'failed: exit 137'],
  [
    "exit 127\ttimeout: failed to run command '/bin/gone': No such file or directory",
    10,
    "failed: exit 127: timeout: failed to run command '/bin/gone': No such file or directory",
  ],
  [
    'Failed to start transient service unit: Interactive authentication required.',
    10,
    'failed: Failed to start transient service unit: Interactive authentication required.',
  ],
  ['', 10, 'failed: it could not be run'],
] as const;

for (const [answer, tookMs, said] of commands) {
  test(`a command that came to "${answer.slice(0, 40)}" has ${said.slice(0, 60)}`, () => {
    const { outcome, seen } = judgeCommand(answer, { limitMs: 5000, tookMs });
    assert.equal(`${outcome}: ${seen}`, said);
  });
}

test('what a host says of an http answer or a port may be anything', () => {
  const probe = { kind: 'http', url: 'http://x/', from: 'host', status: [], tls: 'verified' } as const;
  const said = (answer: string): string => Object.values(readHttp(answer, probe)).join(': ');
  assert.equal(said('status 200\t'), 'passed: http 200');
  assert.equal(
    said('curl: (60) SSL certificate problem: self-signed certificate\tstatus 000\t'),
    'failed: SSL certificate problem: self-signed certificate',
  );
  assert.equal(said('there is no program curl on the host'), 'failed: there is no program curl on the host');
  assert.equal(said(''), 'failed: no answer');
  assert.deepEqual(readTcp('exit 124\t', 3000), { outcome: 'failed', seen: 'no answer within 3 s' });
  assert.deepEqual(
    readTcp(
      'bash: line 1: nowhere.invalid: Name or service not known\tbash: line 1: /dev/tcp/nowhere.invalid/80: Invalid argument\texit 1',
      3000,
    ),
    { outcome: 'failed', seen: 'Invalid argument' },
  );
});
