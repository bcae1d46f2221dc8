import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertUntouched } from './host-claims.ts';
import { type FlurryEnd, type FlurryOptions, flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

/** Nobody logged in to the host, and nothing was written into the folder: exit 2, with these words on stderr. */
async function refused(lease: Lease, args: readonly string[], expected: string, run: FlurryOptions): Promise<void> {
  const cwd = run.cwd ?? lease.directory;
  const before = await inventory(cwd);
  const lines = await flurryLines(lease, args, { ...run, cwd });
  assert.equal(lines.stderr.replaceAll(lease.directory, '@'), expected);
  assert.equal(lines.stdout, '');
  assert.equal(lines.code, 2);
  const json = await flurry(lease, args, { ...run, cwd });
  assert.equal(json.code, 2);
  const [result] = json.events;
  assert.ok(result?.event === 'result');
  assert.deepEqual([result.exitCode, result.hosts, json.events.length], [2, [], 1]);
  assert.equal(await inventory(cwd), before, 'nothing was written into the tree');
  for (const host of lease.hosts) assert.equal((await host.facts()).sshAccepted, 0, 'no host was touched');
}

test(
  'no flake: exit 2, no host is touched',
  options,
  withHosts(1, async (lease) => {
    const cwd = join(lease.directory, 'empty');
    await mkdir(cwd);
    const expected = `flurry: Nix cannot read flake .: error: could not find a flake.nix file
  see what Nix makes of it, or name another flake with -f:
    nix flake metadata
`;
    await refused(lease, [lease.hosts[0]?.name ?? ''], expected, { cwd });
  }),
);

test(
  'a flake.nix that git does not know: exit 2 with the command that adds it',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    await flake.git('rm', '--quiet', '--cached', 'flake.nix');
    const run = await flurryLines(lease, [host.name], { cwd: flake.directory });
    assert.equal(run.code, 2);
    assert.match(run.stderr, /^flurry: Nix cannot read flake \.: .*\n {2}Nix sees only .*\n {4}git add flake\.nix\n$/);
  }),
);

test(
  'no lock file: exit 2 with the command that writes it, and the inputs that lack; none is written',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await mkdir(join(lease.directory, 'extra'));
    const inputs = `inputs.extra = { url = "path:${lease.directory}/extra"; flake = false; };`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { inputs });
    const expected = `flurry: flake . is not fully locked (extra), so each host could resolve another nixpkgs
  write the lock file, look at it, then run flurry again:
    nix flake lock
`;
    await refused(lease, [host.name], expected, { cwd: flake.directory });
  }),
);

test(
  'no such configuration: exit 2, those that exist are listed and the near one is offered',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { mail: service('own'), store: service('own') });
    const expected = `flurry: the flake has no configuration "stor"; it has mail, store; no host was touched
  did you mean store?
    flurry ${host.name}/store
`;
    await refused(lease, [`${host.name}/stor`], expected, { cwd: flake.directory });
  }),
);

test(
  'a host that is no configuration of the flake: refused, with its hostname and those that exist, and nothing copied',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { mail: service('own'), store: service('own') });
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: run.code },
      {
        verdict: 'refused',
        code: 'no-configuration-for-host',
        reason: `the host calls itself "${host.name}", and the flake has no such configuration; it has mail, store`,
        exit: 1,
      },
    );
    await assertUntouched(host, lease.baseToplevel);
  }),
);

test(
  'no nixosConfigurations at all: exit 2',
  options,
  withHosts(1, async (lease) => {
    const cwd = join(lease.directory, 'bare');
    await mkdir(cwd);
    await writeFile(join(cwd, 'flake.nix'), '{ outputs = { self }: { }; }\n');
    const expected = `flurry: flake path:@/bare has no nixosConfigurations, so there is nothing to deploy
  name another flake with -f, or see what this one offers:
    nix flake show path:@/bare
`;
    await refused(lease, [lease.hosts[0]?.name ?? '', '-f', `path:${cwd}`], expected, { cwd });
  }),
);

test(
  'no Nix on the coordinator: exit 2, told where it was looked for',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const bin = join(lease.directory, 'bin');
    await mkdir(bin);
    for (const name of ['git', 'ssh', 'sh']) await symlink(await whereIs(name), join(bin, name));
    const expected = `flurry: the program nix was not found on this machine (looked in @/bin)
  install Nix here, or add it to PATH; every release is at https://nixos.org/download
`;
    await refused(lease, [host.name], expected, { cwd: flake.directory, environment: { PATH: bin } });
  }),
);

test(
  'check needs neither flake nor Nix on the coordinator',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const bin = join(lease.directory, 'bin');
    await mkdir(bin);
    await symlink(await whereIs('ssh'), join(bin, 'ssh'));
    const run = await flurry(lease, ['check', host.name], { environment: { PATH: bin } });
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'healthy'], run.tail);
  }),
);

test(
  'no Nix on the host: refused with the option that brings it',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    // The store cannot be changed, but /run can: a system like this one, without nix among its programs.
    await host.inside(
      `
      mkdir -p /run/without-nix/sw/bin
      ln -s "$1"/* /run/without-nix/ 2>/dev/null
      rm -f /run/without-nix/sw; mkdir -p /run/without-nix/sw/bin
      ln -s "$1"/sw/bin/* /run/without-nix/sw/bin/
      rm /run/without-nix/sw/bin/nix*
      ln -sfn /run/without-nix /run/current-system
      mount --bind /dev/null "$(readlink -f /usr/bin/nix)"`,
      [lease.baseToplevel],
    );
    try {
      const run = await flurry(lease, [host.name], { cwd: flake.directory });
      const { verdict, code, reason, remedy } = run.result(host.name);
      assert.deepEqual(
        { verdict, code, reason, remedy, exit: run.code },
        {
          verdict: 'refused',
          code: 'no-nix-on-host',
          reason: `there is no Nix on ${host.name}`,
          remedy: `a host must be able to build: set nix.enable = true in its configuration. See for yourself:\n  ssh -F ${lease.sshConfig} ${host.name} nix --version`,
          exit: 1,
        },
        run.tail,
      );
    } finally {
      await host.inside(
        `
        umount "$(readlink -f /usr/bin/nix)"
        ln -sfn "$1" /run/current-system; rm -rf /run/without-nix`,
        [lease.baseToplevel],
      );
    }
  }),
);

test(
  'no privilege: alice is refused, with the command that must work; nothing is copied',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const run = await deployAs('alice', lease);
    const { verdict, code, reason, remedy } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: run.code },
      {
        verdict: 'refused',
        code: 'no-privilege',
        reason: 'user "alice" may not become root by sudo without a password',
        exit: 1,
      },
      run.tail,
    );
    assert.match(remedy ?? '', new RegExp(`^  ssh -F \\S+ alice@${host.name} sudo -n true$`, 'm'));
    await assertUntouched(host, lease.baseToplevel);
  }),
);

test(
  'sudo without a password is enough: bob promotes, by one connection and one to confirm',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const run = await deployAs('bob', lease);
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
    const { running, sshAccepted } = await host.facts();
    assert.deepEqual([running, sshAccepted], [run.result(host.name).running, 2]);
  }),
);

async function deployAs(user: string, lease: Lease): Promise<FlurryEnd> {
  const [host] = lease.hosts;
  assert.ok(host);
  const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
  return await flurry(lease, [`${user}@${host.name}`], { cwd: flake.directory });
}

async function whereIs(name: string): Promise<string> {
  return (await program('sh', ['-c', 'command -v "$1"', 'sh', name])).stdout.trim();
}

async function inventory(directory: string): Promise<string> {
  await rm(join(directory, 'home'), { recursive: true, force: true });
  const { stdout } = await program('find', [directory, '-printf', '%P %y %s %i %C@ %l\n']);
  return stdout.split('\n').sort().join('\n');
}
