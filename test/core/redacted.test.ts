import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { redacted } from '../../src/core/redacted.ts';

test('a command that is logged keeps no token, password or login of an address', () => {
  assert.deepEqual(
    redacted([
      ...['nix', 'build', '--option', 'access-tokens', 'github.com=ghp_x', '--access-tokens=abc', '--netrc-file', 'f'],
      ...['git+https://me:pw@example.org/x?access_token=1&dir=b', 'ssh://git@example.org/y', '--option', 'cores', '2'],
    ]),
    [
      ...['nix', 'build', '--option', 'access-tokens', '***', '--access-tokens=***', '--netrc-file', '***'],
      ...['git+https://***@example.org/x?access_token=***&dir=b', 'ssh://***@example.org/y', '--option', 'cores', '2'],
    ],
  );
});
