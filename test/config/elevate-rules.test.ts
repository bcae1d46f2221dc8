import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readHostsRequest } from '../../src/config/read-request.ts';

function problemsOf(argv: readonly string[], environment: Record<string, string> = {}) {
  const line = readCommandLine(['status', 'web1', ...argv]);
  const request = readHostsRequest('status', { ...line, settings: gatherSettings('status', line.flags, environment) });
  return 'code' in request ? request.problems : request.elevatePassword;
}

for (const [elevate, why] of [
  ['doas', 'doas takes a password from a terminal only'],
  ['run0', 'run0 takes a password from a terminal only'],
  ['none', 'it becomes root by nothing'],
] as const) {
  test(`a password goes with sudo alone: ${elevate} and -S are told together`, () => {
    assert.deepEqual(problemsOf(['--elevate', elevate, '-S']), [
      {
        code: 'bad-argument',
        argument: '--elevate',
        expected: 'sudo together with --ask-elevate-password',
        found: elevate,
        next: `leave one of the two away: ${why}`,
      },
    ]);
  });
}

test('the variable is named where the password comes from one', () => {
  const environment = { FLURRY_ELEVATE: 'doas', FLURRY_ELEVATE_PASSWORD_COMMAND: 'pass sudo' };
  const [problem] = [problemsOf([], environment)].flat();
  assert.ok(problem !== undefined && 'argument' in problem);
  assert.deepEqual(
    [problem.argument, problem.expected],
    ['FLURRY_ELEVATE', 'sudo together with FLURRY_ELEVATE_PASSWORD_COMMAND'],
  );
});

test('two sources of the password are one too many', () => {
  assert.deepEqual(problemsOf(['-S', '--elevate-password-file', '/dev/fd/3']), [
    {
      code: 'bad-argument',
      argument: '--elevate-password-file',
      expected: 'one source of the password of sudo',
      found: '--ask-elevate-password as well',
    },
  ]);
});

test('each source reaches the request', () => {
  assert.deepEqual(problemsOf([]), { kind: 'none' });
  assert.deepEqual(problemsOf(['-S', '--elevate', 'sudo']), { kind: 'ask' });
  assert.deepEqual(problemsOf(['--elevate-password-command', 'pass sudo']), { kind: 'command', command: 'pass sudo' });
  assert.deepEqual(problemsOf(['--elevate-password-file', '/dev/fd/3']), { kind: 'file', path: '/dev/fd/3' });
});
