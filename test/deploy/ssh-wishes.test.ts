import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'without an ssh program hosts are reached by its plain defaults, which is said once for all of them',
  options,
  withHosts(2, async (lease) => {
    const home = join(lease.directory, 'home', '.ssh');
    await mkdir(home, { recursive: true });
    await copyFile(lease.identity, join(home, 'id_ed25519'));
    await copyFile(lease.knownHosts, join(home, 'known_hosts'));
    const environment = { PATH: '/nonexistent', FLURRY_SSH_CONFIG: '' };
    const addresses = lease.hosts.map(({ address }) => address);
    const end = await flurry(lease, ['check', ...addresses.map((address) => `root@${address}`)], { environment });
    assert.deepEqual(
      addresses.map((address) => end.result(address).verdict),
      ['healthy', 'healthy'],
      end.tail,
    );
    assert.deepEqual(
      end.events.flatMap((event) => (event.event === 'note' ? event.message : [])),
      ['there is no ssh program on the PATH: ssh configurations are not read'],
    );
  }),
);
