import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { nixString } from '../../src/nix/nix-string.ts';
import { flakeFixture, service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { printedSecurity, sudoersOf } from '../deploy/printed-rules.ts';
import { flurry } from '../deploy/run-flurry.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { repositoryRoot, standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';

const skip = spawnSync('nix', ['--version']).error === undefined ? false : 'no Nix here';
const onHosts = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const nixFiles = join(repositoryRoot, 'src', 'flake');

const key = 'ssh-ed25519 AAAA you@laptop';

test('nixosModules.target makes a user with its keys, sshd and flakes; its way to root is the one that flurry --help privilege prints', {
  skip,
}, async () => {
  const printed = await printedSecurity();
  const target = { enable: true, authorizedKeys: [key] };

  const bySudo = await configurationOf(target);
  assert.deepEqual(bySudo.users.users.deploy, {
    isNormalUser: true,
    description: 'Deployments by flurry',
    openssh: { authorizedKeys: { keys: [key], keyFiles: [] } },
  });
  assert.equal(bySudo.services.openssh.enable, true);
  assert.deepEqual(bySudo.nix.settings['experimental-features'], ['nix-command', 'flakes']);
  assert.deepEqual(bySudo.security.sudo.extraRules, printed.sudo.extraRules);
  assert.deepEqual([bySudo.security.doas, bySudo.security.polkit], [undefined, undefined]);

  const byDoas = await configurationOf({ ...target, elevate: 'doas' });
  assert.deepEqual(byDoas.security.doas, printed.doas);
  assert.deepEqual([byDoas.security.sudo.extraRules, byDoas.security.polkit], [[], undefined]);

  const byRun0 = await configurationOf({ ...target, elevate: 'run0' });
  assert.deepEqual(byRun0.security.polkit, printed.polkit);
  assert.deepEqual([byRun0.security.sudo.extraRules, byRun0.security.doas], [[], undefined]);

  for (const way of [bySudo, byDoas, byRun0]) assert.deepEqual(failedAssertions(way), []);
});

test('lib.privilege has the rules that flurry --help privilege prints', { skip }, async () => {
  const ways = `builtins.mapAttrs (_: rule: (rule "deploy").security) (import ${nixString(`${nixFiles}/privilege.nix`)})`;
  const { sudo, doas, run0 } = JSON.parse(await evaluated(ways));
  assert.deepEqual({ ...sudo, ...doas, ...run0 }, await printedSecurity());
});

test('without enable the module changes nothing; for root it makes neither a user nor a rule', { skip }, async () => {
  const off = await configurationOf({});
  assert.deepEqual([off.users, off.services, off.nix, off.assertions], [undefined, undefined, undefined, undefined]);

  const root = await configurationOf({ enable: true, user: 'root', authorizedKeys: [key] });
  assert.deepEqual(root.users.users, { root: { openssh: { authorizedKeys: { keys: [key], keyFiles: [] } } } });
  assert.deepEqual(root.security.sudo.extraRules, []);
  assert.deepEqual(failedAssertions(root), []);
});

test('what could not work is refused before it is built, with what to do', { skip }, async () => {
  assert.deepEqual(failedAssertions(await configurationOf({ enable: true })), [
    'flurry.target: nobody could log in as "deploy": it has no key.\n' +
      'Set flurry.target.authorizedKeys = [ "ssh-ed25519 ..." ], or authorizedKeyFiles.\n',
  ]);
  const target = { enable: true, user: 'ci', authorizedKeys: [key] };
  assert.deepEqual(failedAssertions(await configurationOf(target, 'security.sudo.enable = false;')), [
    'flurry.target: "ci" is to become root by sudo, and security.sudo.enable is false.\n' +
      'Set flurry.target.elevate = "run0" or "doas", or "none" where another rule lets it become root.\n',
  ]);
  assert.deepEqual(failedAssertions(await configurationOf(target, 'security.sudo.execWheelOnly = true;')), [
    'flurry.target: security.sudo.execWheelOnly allows no rule for a single user like "ci".\n' +
      'Set flurry.target.elevate = "run0" or "doas".\n',
  ]);
  // Keys that are declared elsewhere, or an authority that vouches for them, are as good.
  for (const elsewhere of [
    'users.users.deploy.openssh.authorizedKeys.keyFiles = [ "/keys" ];',
    'services.openssh.settings.TrustedUserCAKeys = "/etc/ssh/ca.pub";',
  ]) {
    assert.deepEqual(failedAssertions(await configurationOf({ enable: true }, elsewhere)), []);
  }
});

// A deployment of a host, forth and back: it takes as long as these do.
test(
  'a host that has the module lets its user in, who promotes a system that has it as well',
  onHosts,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const publicKey = (await program('ssh-keygen', ['-y', '-f', lease.identity])).stdout.trim();
    const target = { enable: true, user: 'ship', authorizedKeys: [publicKey] };
    const { users, security } = await configurationOf(target);
    // As NixOS writes them: nixos/modules/services/networking/ssh/sshd.nix and nixos/modules/security/sudo.nix.
    await host.inside('useradd --create-home --shell /bin/sh ship; cat >/etc/ssh/authorized_keys.d/ship', [], {
      input: `${users.users.ship.openssh.authorizedKeys.keys.join('\n')}\n`,
    });
    await host.inside('umask 227; cat >/etc/sudoers.d/ship; visudo --check --quiet', [], {
      input: sudoersOf(security),
    });
    const settings = `builtins.fromJSON ${nixString(JSON.stringify(target))}`;
    const common = `imports = [ ./target/target.nix ]; flurry.target = ${settings};`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { common });
    await cp(nixFiles, join(flake.directory, 'target'), { recursive: true });
    await flake.commit();

    const run = await flurry(lease, [`ship@${host.name}`], { cwd: flake.directory });
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
  }),
);

interface Assertion {
  readonly assertion: boolean;
  readonly message: string;
}

/** Evaluates the module with these settings, and with what NixOS has by default of the options that it reads. */
async function configurationOf(target: object, further = '') {
  const settings = `builtins.fromJSON ${nixString(JSON.stringify(target))}`;
  const defaults = `{ lib, ... }: { security.sudo = { enable = lib.mkDefault true; execWheelOnly = lib.mkDefault false; }; }`;
  const modules = `[ ${nixString(join(nixFiles, 'target.nix'))} (${defaults}) { flurry.target = ${settings}; ${further} } ]`;
  const evaluation = `
    let config = ((import ${nixString(join(standInFlake, 'default.nix'))} { }).lib.nixosSystem { modules = ${modules}; }).config; in
    builtins.intersectAttrs { assertions = 1; nix = 1; security = 1; services = 1; users = 1; } config`;
  return JSON.parse(await evaluated(evaluation), (_, value) => (isUnset(value) ? undefined : value));
}

/** The stand-in's module system gives null, in sets, for what is below a condition that does not hold. */
function isUnset(value: unknown): boolean {
  return value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);
}

function failedAssertions({ assertions }: { readonly assertions: readonly Assertion[] }): readonly string[] {
  return assertions.filter(({ assertion }) => !assertion).map(({ message }) => message);
}

async function evaluated(expression: string): Promise<string> {
  const words = ['--extra-experimental-features', 'nix-command', 'eval', '--json', '--impure', '--expr', expression];
  return (await program('nix', words)).stdout;
}
