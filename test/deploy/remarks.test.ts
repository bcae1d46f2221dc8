import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remarksOn } from '../../src/deploy/remarks.ts';
import { healthy } from './sample-facts.ts';

const gibibyte = 1024 ** 3;
const other = '/nix/store/other-nixos-system-web1';

const rows = [
  ['a host as it should be', {}, []],
  [
    'a host that boots another system',
    { bootDefault: { loader: 'grub', toplevel: other } },
    ['runs one system and boots another: a reboot would change what it runs'],
  ],
  ['a loader that cannot be read', { bootDefault: { loader: 'unknown', toplevel: '' } }, []],
  ['another kernel', { rebootFor: ['kernel', 'initrd'] }, ['needs a reboot, for another kernel, initrd']],
  [
    'a deployment that is under way',
    { deployment: 'under-way' },
    ['is in the middle of a deployment; flurry status tells of which'],
  ],
  [
    'little space',
    { nixSpace: { freeBytes: 1.5 * gibibyte, sizeBytes: 10 * gibibyte } },
    ['has 1.5 GiB free in /nix; with less than 1 GiB a deploy is refused'],
  ],
  ['enough space', { nixSpace: { freeBytes: 2 * gibibyte, sizeBytes: 10 * gibibyte } }, []],
  ['too little space, which is a problem and no remark', { nixSpace: { freeBytes: 1, sizeBytes: 10 * gibibyte } }, []],
] as const;

for (const [title, facts, remarks] of rows) {
  test(`before a deployment it is told of ${title}: ${remarks.join() || 'nothing'}`, () => {
    assert.deepEqual(remarksOn({ ...healthy, ...facts }), remarks);
  });
}
