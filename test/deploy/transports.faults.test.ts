import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { deployed, sshConfig } from './by-openssh.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const keygen = (...args: readonly string[]) => promisify(execFile)('ssh-keygen', ['-q', ...args]);

test(
  'a host with certificates on both sides is deployed to by OpenSSH, and one without its own is not trusted on first use',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const ca = await certificates(lease, host);
    const sshdOptions = ['TrustedUserCAKeys=/run/ca.pub', 'AuthorizedKeysFile=none'];
    const lines = [`IdentityFile ${ca.userKey}`, `UserKnownHostsFile ${ca.knownHosts}`, 'GlobalKnownHostsFile none'];
    {
      await using sshd = await secondSshd(lease, host, [...sshdOptions, 'HostCertificate=/run/host-cert.pub']);
      const run = await deployed(lease, host, { sshd, lines, args: [] });
      assert.deepEqual(run.transports, [
        `transport: openssh, for identityfile with certificate ${ca.userKey}-cert.pub`,
      ]);
      const log = await sshd.log();
      assert.match(log, /Accepted publickey for root .*ED25519-CERT/);
      assert.doesNotMatch(log, /Accepted publickey for root .* ssh2: ED25519 SHA256/);
    }
    await using bare = await secondSshd(lease, host, sshdOptions);
    const config = await sshConfig(lease, host, bare, [...lines, 'StrictHostKeyChecking accept-new']);
    const run = await flurry(lease, ['check', host.name, '--ssh-config', config]);
    assert.deepEqual([run.code, run.result(host.name).code], [1, 'host-key-unknown'], run.tail);
    assert.equal(await readFile(ca.knownHosts, 'utf8'), ca.authority);
    assert.doesNotMatch(await bare.log(), /Accepted|Failed|authenticating user/);
  }),
);

/** One authority that vouches for the user (whose key the host does not know) and for the host. */
async function certificates(lease: Lease, host: HostHandle) {
  const at = (name: string): string => join(lease.directory, name);
  for (const name of ['ca', 'user']) await keygen('-t', 'ed25519', '-N', '', '-f', at(name));
  await keygen('-s', at('ca'), '-I', 'someone', '-n', 'root', at('user.pub'));
  await writeFile(at('host.pub'), (await host.inside('cat /etc/ssh/ssh_host_ed25519_key.pub')).stdout);
  await keygen('-s', at('ca'), '-I', 'a host', '-h', '-n', host.address, at('host.pub'));
  const authority = `@cert-authority * ${await readFile(at('ca.pub'), 'utf8')}`;
  await writeFile(at('known-authorities'), authority);
  for (const [file, name] of [
    ['/run/ca.pub', 'ca.pub'],
    ['/run/host-cert.pub', 'host-cert.pub'],
  ] as const) {
    await host.inside(`printf %s "$1" >${file}`, [await readFile(at(name), 'utf8')]);
  }
  return { userKey: at('user'), knownHosts: at('known-authorities'), authority };
}
