import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { limitMemory } from './memory-limit.ts';
import { ends, needsHost, onWeb1 } from './scene.ts';
import { commandsOn, isKept } from './screen.ts';

// The kernel's out-of-memory killer is the real one. The host has 256 MiB.

const memoryBytes = 256 * 1024 ** 2;
const machine = ['ssh web1 free -h', 'ssh web1 journalctl -k -b -n 40 --no-pager'];

test(
  'an evaluation that takes more memory than the host has is told as that, and goes through where this machine evaluates (60 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    const large = 'builtins.length (builtins.genList (n: n) 25000000)';
    await flake.change('web1', `${service('website', '2')} system.nixos.label = "26.05.\${toString (${large})}";`);
    await flake.commit();
    const lift = await limitMemory(host, memoryBytes);
    try {
      const run = await person.type('flurry web1');
      isKept('out-of-memory', 'flurry web1', run);
      assert.deepEqual(commandsOn(run), ['flurry web1 --build-on local', ...machine, 'flurry web1']);
      await assertRunsAndBoots(host, before);
      await assertNothingLeft(host);
      await ends(person, 'flurry web1 --build-on local', { code: 0, words: /^1 host promoted in /m });
      await assertRunsAndBoots(host, await flake.toplevel('web1'));
    } finally {
      await lift();
    }
  }),
);

test(
  'a build that takes more memory than the host has is told as that, with the command that builds less at once (30 s: three runs)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    await flake.change('web1', 'system.extraSystemBuilderCmds = "head -c 600M /dev/zero | tail >/dev/null || exit";');
    await flake.commit();
    const lift = await limitMemory(host, memoryBytes);
    try {
      const run = await person.type('flurry web1');
      assert.equal(run.code, 1, run.everything);
      assert.match(
        run.everything,
        /the build was killed, (?:because|most likely because) the host ran out of memory\s+\(it has\s+256\s+MiB\)/,
      );
      const [less, ...others] = commandsOn(run);
      assert.deepEqual(
        [less, ...others],
        ['flurry web1 -- --max-jobs 1 --cores 1', 'flurry web1 --build-on local', ...machine, 'flurry web1'],
      );
      await ends(person, less ?? '', { code: 1, words: /the build was killed/ });
      await assertRunsAndBoots(host, before);
      await assertNothingLeft(host);
    } finally {
      await lift();
    }
  }),
);
