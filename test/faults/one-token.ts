import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runShell, type shells, shippedFunction, shippedScript } from './shell-functions.ts';

/** Two who decide and the deadline, all at once: exactly one of them takes the token, and all are told the same. */
export async function contend(
  shell: (typeof shells)[number],
  { rounds, directory }: { readonly rounds: number; readonly directory: string },
): Promise<void> {
  const decide = [shippedScript('decide', { '/run/flurry': directory })];
  const wait = [
    shippedScript('clock'),
    `dir=${directory}/t CONFIRM_CAP=60 give_up() { :; }`.replace(' give_up', '\ngive_up'),
    shippedFunction('transaction', 'await_confirmation'),
    // The deadline is now; who comes first is chance.
    'echo 0 >"$dir/deadline"; await_confirmation',
  ];
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const machineId = (await readFile('/etc/machine-id', 'utf8')).trim();
  const winners = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const folder = join(directory, 't');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await writeFile(join(folder, 'waiting'), '');
    const says = (word: string) => runShell(shell, decide, ['t', bootId, machineId, word]);
    const [confirmed, aborted] = await Promise.all([says('confirmed'), says('aborted'), runShell(shell, wait)]);
    const tokens = (await readdir(folder)).filter((name) =>
      ['waiting', 'confirmed', 'aborted', 'expired'].includes(name),
    );
    assert.equal(tokens.length, 1, tokens.join(' '));
    const [winner = ''] = tokens;
    assert.notEqual(winner, 'waiting');
    const told = (word: string) => `decided ${winner}\nwon ${word === winner ? 'yes' : 'no'}\nstate \n`;
    assert.deepEqual([confirmed, aborted], [told('confirmed'), told('aborted')]);
    winners.set(winner, (winners.get(winner) ?? 0) + 1);
  }
  assert.equal(
    [...winners.values()].reduce((sum, count) => sum + count, 0),
    rounds,
  );
}
