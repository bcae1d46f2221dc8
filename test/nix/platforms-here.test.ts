import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { platformsHere, platformsOfBuilders } from '../../src/nix/platforms-here.ts';
import { root, soon, withoutNix } from './flake-trees.ts';

const cases = [
  ['', []],
  ['ssh://a', ['x86_64-linux']],
  ['ssh://a - /key 4', ['x86_64-linux']],
  [
    'ssh://a aarch64-linux,armv7l-linux - 4 ; ssh://b riscv64-linux',
    ['aarch64-linux', 'armv7l-linux', 'riscv64-linux'],
  ],
  ['# none\n\nssh://a aarch64-darwin # a Mac\n', ['aarch64-darwin']],
  ['@/nonexistent/machines', []],
] as const;

for (const [builders, platforms] of cases) {
  test(`builders ${JSON.stringify(builders)} build for ${platforms.join(', ') || 'nothing'}`, async () => {
    assert.deepEqual(await platformsOfBuilders(builders, 'x86_64-linux'), platforms);
  });
}

test('builders may stand in a file', async () => {
  const file = join(root, 'machines');
  writeFileSync(file, 'ssh://a aarch64-linux\nssh://b riscv64-linux\n');
  assert.deepEqual(await platformsOfBuilders(`@${file}`, 'x86_64-linux'), ['aarch64-linux', 'riscv64-linux']);
});

test('this machine builds for its own platform, those it emulates, and those of its builders', {
  skip: withoutNix,
}, async () => {
  const nixArguments = [
    ...['--impure', '--option', 'extra-platforms', 'armv7l-linux', '--option', 'builders', 'ssh://a s390x-linux'],
    ...['--override-input', 'x', 'y'],
  ];
  const here = await platformsHere({ nixArguments, signal: soon() });
  for (const platform of ['armv7l-linux', 's390x-linux']) assert.ok(here?.has(platform), platform);
  assert.ok([...(here ?? [])].some((platform) => platform.endsWith('-linux') || platform.endsWith('-darwin')));
});
