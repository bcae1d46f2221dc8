import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { deployed } from './by-openssh.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a host that takes only post-quantum key exchange is deployed to by OpenSSH, also where it forwards nothing',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const exchanges = 'KexAlgorithms=mlkem768x25519-sha256,sntrup761x25519-sha512@openssh.com';
    await using sshd = await secondSshd(lease, host, [exchanges, 'AllowStreamLocalForwarding=no', 'MaxSessions=2']);
    const run = await deployed(lease, host, { sshd, lines: [], args: [] });
    assert.deepEqual(run.transports, [
      'transport: openssh, since the built-in one has no algorithm in common with the host',
    ]);
    assert.equal(await sshd.count(/^Unable to negotiate/), 1, 'one handshake for all connections');
    const forced = await flurry(lease, ['check', host.name, '--transport', 'builtin', '--ssh-config', run.config]);
    assert.deepEqual([forced.code, forced.result(host.name).code], [1, 'handshake-failed'], forced.tail);
  }),
);
