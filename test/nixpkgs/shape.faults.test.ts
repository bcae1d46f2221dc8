import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';

const options = {
  skip: fleetAvailable() ? false : 'needs a fleet (root on Linux): tsx test/fleet/cli.ts run --hosts 2 -- …',
  concurrency: 2,
};

test('the stand-in for nixpkgs is what its README says, on real hosts', options, async (context) => {
  await Promise.all(
    ['exits', 'units', 'loaders', 'interruptions'].map((claims) =>
      context.test(
        claims,
        withHosts(1, async ({ hosts }) => {
          const host = only(hosts);
          const all = await buildSystems(host);
          const said = await host.inside('sh "/root/nixpkgs/claims/$1.sh" "$2"', [claims, all], {
            allowFailure: true,
            // Some twenty switches, one after the other.
            timeoutMs: 600_000,
          });
          assert.equal(said.code, 0, said.stdout + said.stderr);
        }),
      ),
    ),
  );
});

test('a tested system is gone after a reboot, and one that was made the default comes up', options, async () => {
  await withHosts(1, async ({ hosts, baseToplevel }) => {
    const host = only(hosts);
    const all = await buildSystems(host);
    const web = (await host.inside('readlink -f "$1/web"', [all])).stdout.trim();
    const activate = (action: string) => host.inside('"$1/bin/switch-to-configuration" "$2"', [web, action]);

    await activate('test');
    const tested = await host.facts();
    assert.deepEqual([tested.running, tested.profile, tested.bootDefault], [web, baseToplevel, baseToplevel]);
    await host.reboot();
    const back = await host.facts();
    assert.deepEqual([back.running, back.booted, back.failedUnits], [baseToplevel, baseToplevel, []]);

    await host.inside('nix-env -p /nix/var/nix/profiles/system --set "$1"', [web]);
    await activate('boot');
    const staged = await host.facts();
    assert.deepEqual([staged.running, staged.profile, staged.bootDefault], [baseToplevel, web, web]);
    await host.reboot();
    const booted = await host.facts();
    assert.deepEqual([booted.running, booted.booted, booted.failedUnits], [web, web, []]);
    await host.inside('systemctl is-active web');

    // What is gone from the store must not keep a host from coming up.
    await host.inside('ln -sfn /nix/store/gone /etc/static');
    await host.reboot();
    assert.equal((await host.facts()).running, web);
  })();
});

/** Brings this folder to the host and builds claims/systems.nix there; a folder with a link to each system. */
async function buildSystems(host: HostHandle): Promise<string> {
  const { stdout } = await program('sh', ['-c', 'tar -C "$1" -cz . | base64', 'sh', standInFlake]);
  const script = `mkdir -p /root/nixpkgs; base64 -d | tar -C /root/nixpkgs -xz
    nix --extra-experimental-features nix-command build -f /root/nixpkgs/claims/systems.nix --out-link /root/all all`;
  await host.inside(script, [], { input: stdout, timeoutMs: 120_000 });
  return '/root/all';
}

function only(hosts: readonly HostHandle[]): HostHandle {
  const [host] = hosts;
  assert.ok(host);
  return host;
}
