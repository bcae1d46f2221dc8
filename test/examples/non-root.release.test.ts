import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { withExample } from './example.ts';
import { publicKey } from './workstation.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };
const password = 'of "web2" ü$(id)';

test(
  'the example non-root: a first deploy as root makes a user who deploys from then on, by sudo without and with a password; without that he is refused (60 s: seven transactions)',
  options,
  withExample('non-root', ['web1', 'web2'], async (example) => {
    const [web1, web2] = [example.host('web1'), example.host('web2')];
    const refused = await example.run('flurry deploy@web1');
    assert.equal(refused.code, 1, 'there is no such user yet');

    await example.edit('hosts/common.nix', 'ssh-ed25519 AAAA... you@laptop', await publicKey(example.lease));
    const first = await example.run('flurry root@web1 root@web2');
    assert.equal(first.code, 0, first.stderr);
    // In the place of passwd on web2's terminal.
    await web2.inside('chpasswd', [], { input: `deploy:${password}\n` });

    const looked = await example.run('flurry check deploy@web1 deploy@web2');
    assert.equal(looked.code, 0, looked.stderr);
    const warning = 'warning: a deploy would be refused: user "deploy" may not become root by sudo without a password';
    assert.deepEqual(
      looked.stderr.split('\n').filter((line) => line.includes('warning')),
      [`web2 | ! ${warning}; what to do: flurry --help privilege`],
    );

    await example.edit('hosts/web1.nix', 'the shop', 'the new shop');
    const second = await example.run('flurry deploy@web1');
    assert.equal(second.code, 0, second.stderr);
    await assertRunsAndBoots(web1, await example.toplevel('web1'));

    await example.edit('hosts/web2.nix', 'the blog', 'the new blog');
    const asked = await example.answer('flurry deploy@web1 deploy@web2 -S', {
      question: 'password of sudo on the hosts: ',
      words: password,
    });
    assert.equal(asked.code, 0, asked.stdout);
    assert.ok(!asked.stdout.includes('of "web2"'), 'it is not shown');
    await assertRunsAndBoots(web2, await example.toplevel('web2'));

    await example.edit('hosts/web2.nix', 'the new blog', 'an older blog');
    await writeFile(join(example.machine.home, '.web2-password'), `${password}\n`);
    const unattended = await example.run("flurry deploy@web2 --elevate-password-command 'cat ~/.web2-password'");
    assert.equal(unattended.code, 0, unattended.stderr);
    await assertRunsAndBoots(web2, await example.toplevel('web2'));

    for (const [name, host] of example.names) {
      const trusted = 'nix --extra-experimental-features nix-command show-config | grep "^trusted-users"';
      assert.equal((await host.inside(trusted)).stdout, 'trusted-users = root\n', name);
      await assertNothingLeft(host);
    }

    // His key and what he may do go with the system that had them.
    await web1.inside('"$1/bin/switch-to-configuration" test', [example.lease.baseToplevel]);
    await web1.inside('[ ! -e /etc/ssh/authorized_keys.d/deploy ] && [ ! -e /etc/sudoers.d/nixos ]');
  }),
);
