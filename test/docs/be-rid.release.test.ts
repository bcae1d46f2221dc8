import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { textOf } from '../repository/files.ts';
import { bringAbout } from './givens.ts';
import { blocksOf, commandsOf } from './markdown.ts';
import { readerOf } from './reader.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

// Programs of ours, their state and logs, and the flake; what is in generations stays.
const ofFlurry = `ls -d /run/flurry /var/lib/flurry /nix/store/*-source /nix/var/nix/gcroots/auto/*flurry* /etc/*flurry* 2>/dev/null
  systemctl list-units --all --plain --no-legend 'flurry*'`;

test(
  'the commands of the README for it leave nothing of flurry on a host, which goes on running and booting what was deployed (two deployments: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const reader = await readerOf(lease);
    try {
      await bringAbout('web1 was deployed twice', reader, lease);
      const before = await host.facts();
      assert.match((await host.inside(ofFlurry, [], { allowFailure: true })).stdout, /^\/var\/lib\/flurry$/m);

      const [, section = ''] = textOf('README.md').split('## What it leaves on a host\n');
      const [block] = blocksOf(section);
      assert.ok(block);
      for (const command of commandsOf(block)) {
        const { code, stderr } = await reader.type(command);
        assert.equal(code, 0, `${command}\n${stderr}`);
      }

      assert.equal((await host.inside(ofFlurry, [], { allowFailure: true })).stdout, '');
      const after = await host.facts();
      assert.deepEqual(
        [after.running, after.bootDefault, after.profile],
        [before.running, before.bootDefault, before.profile],
      );
    } finally {
      await reader.release();
    }
  }),
);
