import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { withExample } from './example.ts';
import { hostKey } from './workstation.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };
const web = { 'web1.example.org': 'web1', 'web2.example.org': 'web2' };

test(
  'the example fleet: hosts are listed, shown, looked at and deployed by tag, as the flake says; one is known by the key in the flake alone (25 s: three transactions)',
  options,
  withExample(
    'fleet',
    ['web1', 'web2', 'db1'],
    async (example) => {
      const [pinned = ''] =
        /ssh-ed25519 [^"]+/.exec(await readFile(join(example.directory, 'flake.nix'), 'utf8')) ?? [];
      const other = await example.run('flurry check --all');
      assert.equal(other.code, 1, other.stderr);
      assert.match(other.stdout, /the host key of db\.example\.org is not the one that the flake pins/);
      await example.edit('flake.nix', pinned, await hostKey(example.host('db1')));

      const listed = await example.run('flurry list');
      assert.equal(
        listed.stdout,
        [
          'host     reached as             configuration  tags',
          'db-main  root@db.example.org    db1            @db @eu',
          'web1     root@web1.example.org  web1           @web @eu',
          'web2     root@web2.example.org  web2           @web @us',
          '',
        ].join('\n'),
        listed.stderr,
      );
      const shown = await example.run('flurry config show db-main');
      assert.match(
        shown.stdout,
        /^limits\.activationTimeout +"30m" +flurry\.hosts\.db-main\.limits\.activationTimeout$/m,
      );
      assert.match(shown.stdout, /^limits\.confirmTimeout +"90s" +flurry\.defaults\.limits\.confirmTimeout$/m);
      // What db-main lets pass is what its own settings say.
      await example.host('db1').inside('systemd-run --quiet --wait --unit=backup false || systemctl is-failed backup');
      const looked = await example.run('flurry check --all');
      assert.equal(looked.code, 0, `${looked.stdout}${looked.stderr}`);

      const planned = await example.run('flurry plan @web');
      assert.equal(planned.code, 0, planned.stderr);
      for (const name of ['web1', 'web2']) await assertRunsAndBoots(example.host(name), example.lease.baseToplevel);
      const deployed = await example.run('flurry @web');
      assert.equal(deployed.code, 0, deployed.stderr);
      assert.match(deployed.stdout, /^2 hosts promoted in /m);
      const db = await example.run('flurry @eu+@db --settle 3s');
      assert.equal(db.code, 0, db.stderr);
      for (const [name, host] of example.names) await assertRunsAndBoots(host, await example.toplevel(name));
    },
    { found: { ...web, 'db.example.org': 'db1' }, known: web },
  ),
);
