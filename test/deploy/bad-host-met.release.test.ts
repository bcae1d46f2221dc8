import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { addToSshConfig, badHosts, fileIn } from './bad-hosts.ts';

// Hosts that are bad before anything is copied to them.

test(
  'four hosts are bad before anything is copied to them: nothing is, and the one beside them is promoted',
  { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 5 -- …' },
  badHosts(
    {
      'a wrong host key: that host failed, nothing is sent to it': {
        spoil: async (host, lease) => {
          const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZ3r0Hc1HcqWwYkCkVZ8WQ0yM6n1mPzqk1f0hQ0mJx1';
          await addToSshConfig(lease, host.name, [
            `UserKnownHostsFile ${await fileIn(lease, 'changed', `${host.address} ${other}\n`)}`,
          ]);
        },
        expected: async (host, lease) => ({
          verdict: 'failed',
          code: 'host-key-changed',
          reason: `the host key of ${host.address} is not the one in ${lease.directory}/changed:1, it shows ${await fingerprint(host.address, lease)} now; nothing was sent`,
          seen: 'nothing',
        }),
        also: async (host) => assert.equal((await host.facts()).sshAccepted, 0),
      },
      'a host that does not answer: that host failed': {
        // Packets are dropped: whether a cut cable is told at once or by silence is up to the kernel.
        spoil: (host) => host.loss(100),
        expected: ({ address }) => ({
          verdict: 'failed',
          code: 'connect-timeout',
          reason: `no answer from ${address} port 22 within 3 s (3 tries)`,
          seen: 'nothing',
        }),
      },
      'a host that is degraded already: refused, with its failed units and the command that goes on': {
        spoil: async (host) => {
          await host.inside(
            'systemd-run --quiet --unit=broken-before false; systemd-run --quiet --unit=broken-too false',
          );
          await host.waitUntil(
            'two units failed',
            'test "$(systemctl list-units --failed --quiet | wc -l)" = 2',
            10_000,
          );
        },
        expected: () => ({
          verdict: 'refused',
          code: 'degraded',
          reason: '2 units failed on the host before anything was done: broken-before.service, broken-too.service',
        }),
        also: async (host, run) => {
          const remedy = run.result(host.name).remedy?.split('\n') ?? [];
          const flags = '--connect-timeout 3s --ignore-unit broken-before.service --ignore-unit broken-too.service';
          const commands = remedy.filter((line) => line.startsWith('  flurry '));
          assert.deepEqual(
            commands.map((line) => line.replace(/ -o json| --output json| --ssh-config \S+| --settle \S+/g, '')),
            [`  flurry ${host.name} ${flags}`, `  flurry ${host.name} --connect-timeout 3s --allow-degraded`],
          );
          assert.deepEqual((await host.facts()).failedUnits, ['broken-before.service', 'broken-too.service']);
        },
      },
      'another machine behind the name: refused as the wrong host': {
        // The host answers under a name that is a configuration as well, and knows itself by its own.
        spoil: async (host, lease) => {
          await addToSshConfig(lease, 'db1', [
            `HostName ${host.address}`,
            'User root',
            `IdentityFile ${lease.identity}`,
            `UserKnownHostsFile ${lease.knownHosts}`,
          ]);
        },
        alias: 'db1',
        expected: ({ name }) => ({
          verdict: 'refused',
          code: 'wrong-host',
          reason: `the host calls itself "${name}", another configuration of this flake than "db1"; nothing was touched`,
        }),
      },
    },
    ['--connect-timeout', '3s'],
  ),
);

async function fingerprint(address: string, lease: { readonly knownHosts: string }): Promise<string> {
  const lines = (await readFile(lease.knownHosts, 'utf8')).split('\n');
  const key = lines.find((line) => line.split(' ')[0]?.split(',').includes(address))?.split(' ')[2] ?? '';
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
