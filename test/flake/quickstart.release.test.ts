import assert from 'node:assert/strict';
import { cp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { repositoryRoot } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';
import { fetchTarballs, offlineFlake, tarballsOf } from './offline-flake.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

// The coordinator builds the package first, as anybody's would whose cache lacks it: half a minute with nothing else to do.
test(
  'from a coordinator that has Nix and no flurry, nix run .#deploy deploys the quickstart to two hosts; its Nix finds nothing wrong with our flake, for any system',
  options,
  withHosts(3, async (lease) => {
    const [coordinator, ...hosts] = lease.hosts;
    assert.ok(coordinator);
    await makeCoordinator(coordinator, lease);
    const ours = 'path:/root/flurry --override-input nixpkgs path:/root/nixpkgs --no-write-lock-file';
    const checked = await inFlake(coordinator, `nix flake check --no-build --all-systems ${ours}`);
    assert.equal(checked.code, 0, checked.stderr);
    const destinations = hosts.map(({ address }, index) => `root@${address}/web${index + 1}`);

    const run = await inFlake(coordinator, 'FLURRY_SETTLE=500ms nix run .#deploy -- "$@" -o json', destinations);
    const { exitCode, hosts: results } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '');
    assert.deepEqual(
      [run.code, exitCode, results.map(({ verdict }: { readonly verdict: string }) => verdict)],
      [0, 0, ['promoted', 'promoted']],
      `${run.stdout}\n${run.stderr}`.slice(-6000),
    );
    for (const [index, host] of hosts.entries()) {
      const toplevel = `.#nixosConfigurations.web${index + 1}.config.system.build.toplevel.outPath`;
      await assertRunsAndBoots(host, (await inFlake(coordinator, 'nix eval --raw "$1"', [toplevel])).stdout);
      await assertNothingLeft(host);
    }
  }),
);

/** Puts there what the tests' machine has: node, npm, the packages' tarballs and the stand-in; and the user's flake and key. */
async function makeCoordinator(coordinator: HostHandle, lease: Lease): Promise<void> {
  await using flake = await offlineFlake();
  const tarballs = join(flake.directory, 'tarballs');
  await fetchTarballs(await tarballsOf(flake), tarballs);
  const theirs = join(flake.directory, 'fleet');
  await cp(join(repositoryRoot, 'examples', 'quickstart'), theirs, { recursive: true });
  await rm(join(theirs, 'flake.lock'));
  await writeFile(join(theirs, 'flake.nix'), withDeployApp(await readFile(join(theirs, 'flake.nix'), 'utf8')));

  const npm = join(await realpath((await program('sh', ['-c', 'command -v npm'])).stdout.trim()), '..', '..');
  assert.equal(basename(npm), 'npm');
  const copies = [
    [await realpath(process.execPath), '/usr/local/bin/node'],
    [npm, '/usr/local/lib/node_modules/npm'],
    [flake.nixpkgs, '/root/nixpkgs'],
    [flake.flurry, '/root/flurry'],
    [tarballs, '/root/tarballs'],
    [theirs, '/root/fleet'],
    [lease.identity, '/root/.ssh/id_ed25519'],
    [lease.knownHosts, '/root/.ssh/known_hosts'],
  ] as const;
  for (const [from, to] of copies) await coordinator.copyIn(from, to);
  await coordinator.inside(`
    chmod 700 /root/.ssh
    chown -R root: /root /usr/local
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
    nix-store --add-fixed sha512 /root/tarballs/* >/dev/null`);
  await inFlake(coordinator, 'nix flake lock');
}

/** The flake with the lines that the README tells to add, and inputs that are there without network. */
function withDeployApp(text: string): string {
  const changes = [
    [
      /inputs\.nixpkgs\.url = "[^"]*";/,
      `inputs.nixpkgs.url = "path:/root/nixpkgs";
      inputs.flurry = { url = "path:/root/flurry"; inputs.nixpkgs.follows = "nixpkgs"; };`,
    ],
    [/\{ self, nixpkgs \}:/, '{ self, nixpkgs, flurry }:'],
    [/nixosConfigurations = /, 'inherit (flurry) apps; nixosConfigurations = '],
  ] as const;
  return changes.reduce((before, [pattern, replacement]) => {
    assert.match(before, pattern);
    return before.replace(pattern, replacement);
  }, text);
}

async function inFlake(coordinator: HostHandle, script: string, args: readonly string[] = []) {
  const config = "export NIX_CONFIG='extra-experimental-features = nix-command flakes'";
  return coordinator.inside(`${config}; cd /root/fleet; ${script}`, args, { allowFailure: true, timeoutMs: 600_000 });
}
