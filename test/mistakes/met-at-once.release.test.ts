import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { addDeployUser, allowSudo } from '../deploy/deploy-user.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { program } from '../fleet/program.ts';
import { ends, needsHost, onWeb1 } from './scene.ts';
import { commandsOn, isKept } from './screen.ts';

// Mistakes that are met before anything is copied. Each is really made, its screen kept, and what it tells to paste pasted.

const unchanged = { code: 0, words: /^1 host unchanged in /m } as const;

test(
  'an unknown host key is asked about and, at no, told with how to compare it; at yes the deployment goes through (30 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, before }) => {
    const known = join(person.sshDirectory, 'known_hosts');
    await writeFile(known, '');
    const question = 'trust it from now on? [yes/no/the fingerprint]';
    const run = await person.type('flurry web1', { answers: [{ to: question, typed: 'no\n' }] });
    const asking = run.frames.find((frame) => frame.includes(question));
    isKept('unknown-host-key', 'flurry web1', run, `${asking} no\n\n(and then)\n\n`);
    assert.deepEqual(commandsOn(run), [
      'cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -',
      'ssh web1',
      'flurry web1',
    ]);

    const { stdout: own } = await host.inside(commandsOn(run)[0] ?? '');
    const shown = /SHA256:\S+/.exec(run.everything)?.[0] ?? 'no fingerprint';
    assert.ok(own.includes(shown), own);
    await ends(person, 'flurry web1', unchanged, { answers: [{ to: question, typed: `${shown}\n` }] });
    await ends(person, 'flurry web1', unchanged);
    await assertRunsAndBoots(host, before);
  }),
);

test(
  'a key that the host does not take is told with the key and the user that were tried; once it is there, it goes through (30 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, before }) => {
    const key = join(person.sshDirectory, 'id_ed25519');
    const own = await readFile(key, 'utf8');
    await program('sh', ['-c', 'rm "$1" "$1.pub" && ssh-keygen -q -t ed25519 -N "" -C ann -f "$1"', 'sh', key]);
    const run = await person.type('flurry web1');
    isKept('wrong-key', 'flurry web1', run);
    assert.deepEqual(commandsOn(run), ['ssh web1 true', 'flurry web1']);
    await ends(person, 'ssh web1 true', { code: 255, words: /Permission denied \(publickey/ });

    await host.inside('cat >>/etc/ssh/authorized_keys.d/root', [], { input: await readFile(`${key}.pub`, 'utf8') });
    await ends(person, 'ssh web1 true', { code: 0 });
    await ends(person, 'flurry web1', unchanged);
    await writeFile(key, own);
    await assertRunsAndBoots(host, before);
  }),
);

test(
  'a configuration or a host that is nearly spelled right is told with the command that is meant, which goes through (40 s: five runs)',
  needsHost,
  onWeb1(async ({ person, host, before }) => {
    const run = await person.type('flurry web1/wbe1');
    isKept('missing-configuration', 'flurry web1/wbe1', run);
    assert.deepEqual(commandsOn(run), ['flurry web1/web1']);
    await ends(person, 'flurry web1/web1', unchanged);

    const misspelt = await person.type('flurry wbe1 --settle 1s');
    assert.equal(misspelt.code, 2, misspelt.everything);
    assert.match(
      misspelt.everything,
      /^flurry: destination "wbe1" must be a host of the flake, found "wbe1"\n {2}did you mean web1\? A machine that/m,
    );
    await ends(person, 'flurry web1 --settle 1s', unchanged);
    await assertRunsAndBoots(host, before);
  }),
);

test(
  'a host with failed units is refused, with why and both ways on, which go through (40 s: five runs)',
  needsHost,
  onWeb1(async ({ person, host, before }) => {
    await host.inside('systemd-run --quiet --unit=backup false');
    await host.waitUntil('the unit has failed', 'systemctl is-failed --quiet backup.service', 10_000);
    const run = await person.type('flurry web1');
    isKept('degraded-host', 'flurry web1', run);
    const [why = '', without = '', anyway = ''] = commandsOn(run);
    assert.deepEqual(
      [why, without, anyway],
      [
        'ssh web1 systemctl status --no-pager backup.service',
        'flurry web1 --ignore-unit backup.service',
        'flurry web1 --allow-degraded',
      ],
    );
    await ends(person, why, { code: 3, words: /backup\.service: Failed with result 'exit-code'/ });
    await ends(person, without, unchanged);
    await ends(person, anyway, unchanged);
    await host.inside('systemctl reset-failed');
    await assertRunsAndBoots(host, before);
  }),
);

test(
  'a host that calls itself like another configuration is refused, with both ways on, of which one brings that one (40 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    await host.inside('hostname web2');
    const run = await person.type('flurry web1');
    isKept('wrong-host', 'flurry web1', run);
    const [theirs = '', anyway = ''] = commandsOn(run);
    assert.deepEqual([theirs, anyway], ['flurry web1/web2', 'flurry web1/web1']);
    await assertRunsAndBoots(host, before);
    await ends(person, anyway, unchanged);
    await ends(person, theirs, { code: 0, words: /^1 host promoted in /m });
    await assertRunsAndBoots(host, await flake.toplevel('web2'));
    await assertNothingLeft(host);
  }),
);

test(
  'a user who may not become root without a password is refused, and told how to be asked for it, which goes through (30 s: four runs)',
  needsHost,
  onWeb1(async ({ person, host, before }) => {
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL:ALL) ALL\n', 'correct horse');
    const config = join(person.sshDirectory, 'config');
    await writeFile(config, 'Host web1\n  User deploy\n');
    const run = await person.type('flurry web1');
    isKept('no-sudo', 'flurry web1', run);
    const [asked = '', help = '', must = ''] = commandsOn(run);
    assert.deepEqual([asked, help, must], ['flurry web1 -S', 'flurry --help privilege', 'ssh web1 sudo -n true']);
    await ends(person, asked, unchanged, { answers: [{ to: 'password', typed: 'correct horse\n' }] });
    await ends(person, help, { code: 0, words: /NOPASSWD/ });
    await ends(person, must, { code: 1 });
    await assertRunsAndBoots(host, before);
  }),
);
