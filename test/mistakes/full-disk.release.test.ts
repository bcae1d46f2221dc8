import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { ends, needsHost, onWeb1 } from './scene.ts';
import { commandsOn, isKept } from './screen.ts';

test(
  'a host without a free byte is refused, with the command that makes room, behind which it goes through (30 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    await flake.change('web1', service('website', '2'));
    await flake.commit();
    // Something in the store that no generation needs, which the garbage collector takes; and something else for the rest.
    await host.inside(`
      fallocate --length 1300M /nix/store/00000000000000000000000000000000-release-of-last-year
      fallocate --length "$(df --output=avail -B1 /nix/store | tail -n 1)" /var/tmp/more-ballast
      dd if=/dev/zero of=/var/tmp/last-ballast bs=4k 2>/dev/null || true`);
    try {
      const run = await person.type('flurry web1');
      isKept('full-disk', 'flurry web1', run);
      const [makeRoom = '', again = ''] = commandsOn(run);
      assert.deepEqual(
        [makeRoom, again],
        ['ssh -t web1 sudo nix-collect-garbage --delete-older-than 14d', 'flurry web1'],
      );
      await assertRunsAndBoots(host, before);
      await ends(person, makeRoom, { code: 0, words: /freed/ });
      await ends(person, again, { code: 0, words: /^1 host promoted in /m });
      await assertRunsAndBoots(host, await flake.toplevel('web1'));
      await assertNothingLeft(host);
    } finally {
      await host.inside('rm -f /var/tmp/*ballast');
    }
  }),
);
