import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { scripts, unitScripts } from '../../src/host/scripts.ts';
import { repositoryFiles, textOf } from './files.ts';

const composed = Object.entries({ ...scripts, ...unitScripts });
const hasShellcheck = spawnSync('shellcheck', ['--version']).error === undefined;

for (const [name, script] of composed) {
  for (const shell of ['dash', 'bash']) {
    const missing = spawnSync(shell, ['-c', ':']).error !== undefined;
    test(`${name}, as it is sent to a host, is read by ${shell}`, { skip: missing && `no ${shell} here` }, () => {
      const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    });
  }

  test(`${name}, as it is sent to a host, passes shellcheck`, { skip: !hasShellcheck && 'no shellcheck here' }, () => {
    // All four speak of functions and arguments that one script of a shared part uses and another does not.
    const flags = ['--shell=sh', '--exclude=SC2317,SC2034,SC2119,SC2120', '-'];
    const { status, stdout } = spawnSync('shellcheck', flags, { input: script, encoding: 'utf8' });
    assert.deepEqual([status, stdout], [0, '']);
  });
}

test('every script under src/host/scripts is part of one that is sent', () => {
  const paths = repositoryFiles().filter((path) => /^src\/host\/scripts\/.*\.sh$/.test(path));
  assert.ok(paths.length > 5);
  const unused = paths.filter((path) => !composed.some(([, script]) => script.includes(textOf(path).trim())));
  assert.deepEqual(unused, []);
});
