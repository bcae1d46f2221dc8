import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HostResult } from '../../src/core/event.ts';
import { installInside } from '../deploy/flurry-inside.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { repositoryRoot } from '../fleet/paths.ts';
import { type Example, withExample } from './example.ts';
import { hostKey, standIn } from './workstation.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'the example health-check: monitor is deployed, looks at the others as nobody special, is silent while they are well, and raises an alert with JSON when one is not (60 s: three transactions)',
  options,
  withExample('health-check', ['monitor', 'web1', 'web2'], async (example) => {
    const [monitor, web1, web2] = [example.host('monitor'), example.host('web1'), example.host('web2')];
    const addresses = [web1, web2].map(({ address }) => address);
    await monitor.inside('printf "%s web1\n%s web2\n" "$1" "$2" >/etc/hosts', addresses);
    const [, path = ''] = standIn.split(' ');
    await example.edit('flake.nix', 'github:NixOS/nixpkgs/nixos-26.05', path);
    await example.edit('flake.nix', 'github:OWNER/flurry', `path:${join(repositoryRoot, 'test/examples/flurry')}`);
    const locked = await example.run('nix flake lock', { FLURRY_OVERRIDE_INPUT: '' });
    assert.equal(locked.code, 0, locked.stderr);
    for (const [name, host] of [['web1', web1] as const, ['web2', web2] as const]) {
      await example.edit('hosts/monitor.nix', `ssh-ed25519 AAAA... of ${name}`, await hostKey(host));
    }
    await installInside(monitor);

    await run(example, 'flurry monitor');
    await assertRunsAndBoots(monitor, await example.toplevel('monitor'));
    // From here on it is this test that says when.
    await monitor.inside('systemctl is-active --quiet fleet-health.timer && systemctl stop fleet-health.timer');
    assert.deepEqual(await alertsOfARun(example), [['web1 authentication-failed', 'web2 authentication-failed']]);
    const { stdout: key } = await monitor.inside('cat /var/lib/fleet-health/.ssh/id_ed25519.pub');

    await example.edit('hosts/common.nix', 'ssh-ed25519 AAAA... fleet-health@monitor', key.trim());
    await run(example, 'flurry web1 web2');
    assert.deepEqual(await alertsOfARun(example), [], 'all is well now');

    await web2.inside('systemd-run --quiet --unit=backup false; while systemctl is-active --quiet backup; do :; done');
    assert.deepEqual(await alertsOfARun(example), [['web1 healthy', 'web2 degraded']]);
    const { stdout: state } = await monitor.inside('systemctl is-system-running');
    assert.equal(state, 'running\n', 'an unwell host does not make monitor unwell');

    const byHand = await example.run('flurry check web1 web2');
    assert.equal(byHand.code, 1, byHand.stderr);
    const asJson = await example.run('flurry check web1 web2 --output json');
    assert.match(asJson.stdout, /"verdict":"unhealthy","code":"degraded"/);
    for (const host of example.names.values()) await assertNothingLeft(host);
  }),
);

/** Has monitor look once; gives the alerts that came of it. */
async function alertsOfARun(example: Example): Promise<readonly (readonly string[])[]> {
  const before = (await alerts(example)).length;
  await example.host('monitor').inside('systemctl start fleet-health.service');
  return (await alerts(example)).slice(before);
}

async function run(example: Example, line: string): Promise<void> {
  const { code, stderr } = await example.run(line, { FLURRY_OVERRIDE_INPUT: '' });
  assert.equal(code, 0, stderr);
}

/** How the hosts are, with the code of what is not well, for each alert in monitor's journal. */
async function alerts(example: Example): Promise<readonly (readonly string[])[]> {
  const { stdout } = await example.host('monitor').inside('journalctl -b -t fleet-health -p alert -o cat');
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => {
    const { hosts }: { hosts: readonly HostResult[] } = JSON.parse(line);
    return hosts.map(({ host, verdict, code }) => `${host} ${code ?? verdict}`);
  });
}
