import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { ends, needsHost, onWeb1 } from './scene.ts';
import { commandsOn, isKept } from './screen.ts';

test(
  'a host that a colleague deploys to is refused, with who and since when; the ways on are to wait, to look and to stop it, which goes through (40 s: five runs)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    await flake.change('web1', service('website', '2'));
    await flake.commit();
    // Who keeps the keyboard, and types nothing.
    const asked = { answers: [{ to: 'what nobody says', typed: '' }] };
    const theirs = person.at('desk').type('flurry web1 --confirm ask', asked);
    await host.waitUntil('their deployment waits', 'grep -qx waiting /run/flurry/*/state', 90_000);

    const run = await person.type('flurry web1');
    isKept('lock-held', 'flurry web1', run);
    const [wait = '', look = '', stop = ''] = commandsOn(run);
    assert.deepEqual([wait, look, stop], ['flurry web1 --wait-lock 10m', 'flurry attach web1', 'flurry abort web1']);
    await ends(person, stop, { code: 1, words: /the deployment was aborted before/ });
    const end = await theirs;
    assert.equal(end.code, 1, end.everything);
    await assertRunsAndBoots(host, before);
    await ends(person, wait, { code: 0, words: /^1 host promoted in /m });
    await assertRunsAndBoots(host, await flake.toplevel('web1'));
    await assertNothingLeft(host);
  }),
);
