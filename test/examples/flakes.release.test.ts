import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot, standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';
import { standIn } from './workstation.ts';

const folder = join(repositoryRoot, 'examples');
const examples = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));

/** Each option as nixos/modules of nixpkgs declares it, and where. `settings` and `…Config` take any name of the program's. */
const options: Readonly<Record<string, string>> = {
  'boot.loader.systemd-boot.enable': 'system/boot/loader/systemd-boot/systemd-boot.nix',
  'environment.etc.<name>.text': 'system/etc/etc.nix',
  'fileSystems.<name>.device': 'tasks/filesystems.nix',
  'fileSystems.<name>.fsType': 'tasks/filesystems.nix',
  'networking.firewall.allowedTCPPorts': 'services/networking/firewall.nix',
  'networking.firewall.interfaces.<name>.allowedTCPPorts': 'services/networking/firewall.nix',
  'networking.hostName': 'tasks/network-interfaces.nix',
  'programs.ssh.knownHosts.<name>.publicKey': 'programs/ssh.nix',
  'security.sudo.extraRules': 'security/sudo.nix',
  'services.openssh.enable': 'services/networking/ssh/sshd.nix',
  'services.openssh.openFirewall': 'services/networking/ssh/sshd.nix',
  'services.openssh.settings.<name>': 'services/networking/ssh/sshd.nix',
  'system.configurationRevision': 'misc/version.nix',
  'system.extraSystemBuilderCmds': 'system/activation/top-level.nix',
  'system.stateVersion': 'misc/version.nix',
  'systemd.services.<name>.description': 'system/boot/systemd.nix',
  'systemd.services.<name>.path': 'system/boot/systemd.nix',
  'systemd.services.<name>.preStart': 'system/boot/systemd.nix',
  'systemd.services.<name>.script': 'system/boot/systemd.nix',
  'systemd.services.<name>.serviceConfig.<name>': 'system/boot/systemd.nix',
  'systemd.services.<name>.wantedBy': 'system/boot/systemd.nix',
  'systemd.sockets.<name>.listenStreams': 'system/boot/systemd.nix',
  'systemd.sockets.<name>.socketConfig.<name>': 'system/boot/systemd.nix',
  'systemd.sockets.<name>.wantedBy': 'system/boot/systemd.nix',
  'systemd.timers.<name>.timerConfig.<name>': 'system/boot/systemd.nix',
  'systemd.timers.<name>.wantedBy': 'system/boot/systemd.nix',
  'users.groups.<name>': 'config/users-groups.nix',
  'users.users.<name>.extraGroups': 'config/users-groups.nix',
  'users.users.<name>.group': 'config/users-groups.nix',
  'users.users.<name>.home': 'config/users-groups.nix',
  'users.users.<name>.isNormalUser': 'config/users-groups.nix',
  'users.users.<name>.isSystemUser': 'config/users-groups.nix',
  'users.users.<name>.openssh.authorizedKeys.keys': 'services/networking/ssh/sshd.nix',
};

test('the options that the examples set are options of NixOS, and this list has no other', async () => {
  const set = new Set<string>();
  for (const name of examples) {
    const file = join(repositoryRoot, 'test/examples/set-options.nix');
    const expression = `import ${file} { standIn = ${standInFlake.replace(/\/$/, '')}; example = ${join(folder, name)}; }`;
    const paths: readonly (readonly string[])[] = JSON.parse(
      await nix('eval', '--impure', '--json', '--expr', expression),
    );
    for (const path of paths) set.add(optionOf(path));
  }
  assert.deepEqual([...set].toSorted(), Object.keys(options).toSorted());
});

for (const name of examples) {
  test(`the example ${name} passes nix flake check, and its lock file is the one of the quickstart`, async () => {
    const [input = '', reference = ''] = standIn.split(' ');
    // No lock file can name flurry before it is published.
    const flurry =
      name === 'health-check'
        ? ['--override-input', 'flurry', `path:${join(repositoryRoot, 'test/examples/flurry')}`]
        : [];
    const flags = ['--no-build', '--no-write-lock-file', '--override-input', input, reference, ...flurry];
    await nix('flake', 'check', ...flags, `path:${join(folder, name)}`);
    const lock = (example: string) => readFile(join(folder, example, 'flake.lock'), 'utf8');
    assert.equal(await lock(name), await lock('quickstart'));
  });
}

/** The name of an option, with `<name>` for what the configuration chose. */
function optionOf(path: readonly string[]): string {
  const named = [
    ['environment', 'etc'],
    ['fileSystems'],
    ['networking', 'firewall', 'interfaces'],
    ['programs', 'ssh', 'knownHosts'],
    ['services', 'openssh', 'settings'],
    ['systemd', 'services'],
    ['systemd', 'sockets'],
    ['systemd', 'timers'],
    ['users', 'groups'],
    ['users', 'users'],
  ];
  const isNamed = (index: number): boolean =>
    named.some((one) => one.join('/') === path.slice(0, index).join('/')) || /Config$/.test(path[index - 1] ?? '');
  return path.map((part, index) => (isNamed(index) ? '<name>' : part)).join('.');
}

async function nix(...words: readonly string[]): Promise<string> {
  return (await program('nix', ['--extra-experimental-features', 'nix-command flakes', ...words])).stdout;
}
