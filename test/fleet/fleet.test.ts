import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fleetAvailable, fleetVariable, withHosts } from './fleet.ts';
import { fleetState } from './fleet-state.ts';
import { leaseFrom } from './lease.ts';
import { onlyHost } from './only-host.ts';
import { program } from './program.ts';
import { greets, sshAnswers } from './ssh-banner.ts';

const skip = fleetAvailable() ? false : 'needs a fleet (root on Linux): tsx test/fleet/cli.ts run --hosts 3 -- …';

test('hosts have machine ids, host keys and addresses of their own', { skip }, async () => {
  await withHosts(2, async (lease) => {
    const seen = await Promise.all(
      lease.hosts.map(async (host) => {
        const script =
          'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub /proc/sys/kernel/random/boot_id; hostname';
        const lines = (await host.inside(script)).stdout.trim().split('\n');
        assert.equal(lines[0], host.machineId);
        assert.equal(lines[3], host.name);
        return [host.address, ...lines];
      }),
    );
    assert.equal(new Set(seen.flat()).size, seen.flat().length);
  })();
});

test('a leased host runs, boots and has as its one generation the base system, and nothing has failed', {
  skip,
}, async () => {
  await withHosts(1, async (lease) => {
    const { bootId, ...facts } = await onlyHost(lease).facts();
    const base = lease.baseToplevel;
    assert.match(bootId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(facts, {
      running: base,
      booted: base,
      profile: base,
      bootDefault: base,
      failedUnits: [],
      generations: [`system-1-link ${base}`],
      sshAccepted: 0,
      flurryUnits: [],
    });
  })();
});

test('root, alice and bob log in with the fleet key, bob alone may use sudo, and logins are counted', {
  skip,
}, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    const login = async (user: string, command: string) => {
      const args = ['-F', lease.sshConfig, '-l', user, '-o', 'BatchMode=yes', host.name, command];
      return program('ssh', args, { allowFailure: true });
    };
    assert.equal((await login('root', 'id -un; nixos-version >/dev/null')).stdout, 'root\n');
    assert.equal((await login('bob', 'sudo -n id -un')).stdout, 'root\n');
    assert.notEqual((await login('alice', 'sudo -n id -un')).code, 0);
    assert.equal((await host.facts()).sshAccepted, 3);
  })();
});

test('a test that forgets host keys makes no other one forget them', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const words = ['-F', lease.sshConfig, '-o', 'BatchMode=yes', onlyHost(lease).name, 'true'];
    await writeFile(lease.knownHosts, '');
    assert.match((await program('ssh', words, { allowFailure: true })).stderr, /Host key verification failed/);
  })();
  await withHosts(1, async (lease) => {
    await program('ssh', ['-F', lease.sshConfig, '-o', 'BatchMode=yes', onlyHost(lease).name, 'true']);
  })();
});

test('a cut network is cut, and a mended one works', { skip }, async () => {
  await withHosts(1, async (lease) => {
    const host = onlyHost(lease);
    await sshAnswers(host, 10_000);
    await host.cutNetwork();
    assert.equal(await greets(host.address), false);
    await host.mendNetwork();
    await sshAnswers(host, 10_000);
  })();
});

test('a reset restores units, profile, boot entry, files and store without making the host anew', {
  skip,
}, async () => {
  let broken = '';
  await withHosts(1, async (lease) => {
    broken = onlyHost(lease).name;
    await onlyHost(lease).inside(`
      echo marker >/run/not-reset
      printf '[Service]\\nExecStart=/bin/false\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/stray.service
      systemctl daemon-reload; systemctl enable stray.service; systemctl start stray.service || true
      systemd-run --quiet --unit=flurry-left-over sleep 1000; systemctl freeze flurry-left-over
      mkdir -p /run/flurry/1 /var/lib/flurry; echo x >/etc/hostname; rm /etc/ssh/authorized_keys.d/root
      NIX_REMOTE=local nix-env -p /nix/var/nix/profiles/system --set "$(nix-store --add /etc/passwd)"
      rm /boot/loader/entries/*; systemctl stop ssh.service`);
  })();
  // Of the whole fleet, this one again.
  const state = await fleetState(process.env[fleetVariable] ?? '');
  const lease = await leaseFrom({ ...state, hosts: state.hosts.filter(({ name }) => name === broken) }, 1);
  try {
    const facts = await onlyHost(lease).facts();
    assert.deepEqual([facts.profile, facts.bootDefault], [lease.baseToplevel, lease.baseToplevel]);
    assert.deepEqual([facts.failedUnits, facts.flurryUnits, facts.generations.length], [[], [], 1]);
    // Made anew, it would have lost this file of its memory.
    assert.equal(
      (await onlyHost(lease).inside('cat /run/not-reset; ls /run/flurry 2>&1 | wc -l; cat /etc/hostname')).stdout,
      `marker\n1\n${broken}\n`,
    );
  } finally {
    await lease.release();
  }
});
