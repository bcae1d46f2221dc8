import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { contend } from './one-token.ts';
import { runShell, shells, shippedScript } from './shell-functions.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flurry-functions-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

for (const shell of shells) {
  it(`who waits under ${shell} says every few seconds that it is there, however slow the host is (15 s of waiting)`, async () => {
    const slow = 'sleep() { [ "$1" != 0.1 ] || command sleep 1; }';
    const waits = 'systemctl() { echo active; }; await_file "$1/never" own.service 2 || printf over';
    const printed = await runShell(shell, [shippedScript('unit'), slow, waits], [directory]);
    // Fifteen tenths of a second, each of which takes a second.
    assert.match(printed, /^\n{2,3}over$/);
  });

  it(`three contenders for one token, 200 rounds under ${shell}: exactly one wins each, and all are told the same`, async () => {
    await contend(shell, { rounds: 200, directory });
  });
}
