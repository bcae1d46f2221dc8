import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shell } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { lookAsRoot } from '../../src/host/look.ts';
import { localShell } from './local-shell.ts';

const pinned = '0123456789abcdef0123456789abcdef';

async function lookAt(machineId: string | undefined): Promise<readonly Shell[]> {
  const asked: Shell[] = [];
  const session = { ...localShell(['sh']), host: { name: 'web1', address: 'web1', machineId: pinned } };
  const told = machineId === undefined ? '' : `machine-id ${machineId}\n`;
  await lookAsRoot(session, 'the facts', async (shell) => {
    asked.push(shell);
    return `user ada\nseen-as ${shell}\nelevated-by /run/wrappers/bin/sudo\n${told}`;
  });
  return asked;
}

test('the machine that is pinned is looked at as root', async () => {
  assert.deepEqual(await lookAt(pinned), ['user', 'root']);
});

test('another machine than the pinned one is refused before root, and with it a password, is asked for', async () => {
  const found = 'fedcba9876543210fedcba9876543210';
  await assert.rejects(lookAt(found), (error: unknown) => {
    assert.ok(error instanceof FlurryError);
    assert.deepEqual(error.problem, { code: 'wrong-machine', expected: pinned, found });
    return true;
  });
});

test('a machine that does not say who it is, is not the pinned one', async () => {
  await assert.rejects(lookAt(undefined), { message: 'wrong-machine' });
});
