import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';

/** What is wrong with each configuration that is deployed, as a NixOS module's text; all can be halted on their way. */
export const configurations = {
  sound: '',
  /** Fails under the new system, which takes the transaction to its way back. */
  failing: 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };',
  /** As on NixOS, where addresses and links are units that go with their system. */
  cutsNetwork: `systemd.services.cuts-network = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/bin/ip link set eth0 down";
      ExecStop = "/usr/bin/ip link set eth0 up";
    };
  };`,
  stopsSshd: 'shaped.stopsSshd = true;',
  hangs: 'shaped.testHangsSeconds = 600;',
  /** Leaves a child of the activation behind, in a session of its own, while the activation itself hangs. */
  forksAway: `shaped.testHangsSeconds = 600;
    system.activationScripts.forks = "setsid sleep 600 >/dev/null 2>&1 &";`,
  ignoresSigterm: 'shaped.testHangsSeconds = 600; shaped.ignoresSigterm = true;',
  loaderFails: 'shaped.loaderFails = true;',
  badMount: `systemd.mounts = [
    { what = "/dev/not-there"; where = "/mnt/not-there"; type = "ext4"; requiredBy = [ "local-fs.target" ]; }
  ];`,
  /** Cannot be proven without a reboot; the boot that tries it is halted where /var/lib/fleet-halt wishes it. */
  trial: `shaped.kernelVersion = "6.18.1";
    systemd.services.wishes = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
      script = ''
        if [ /run/booted-system -ef /run/current-system ] && [ -d /var/lib/fleet-halt ]; then
          mv /var/lib/fleet-halt /run/fleet-halt
        fi
      '';
    };`,
  /** Somebody else's system. */
  other: 'environment.etc."other".text = "other";',
} as const;

export type ConfigurationName = keyof typeof configurations;

/** Makes a flake with all of them, committed; gives its folder. */
export async function faultyFlake(parent: string): Promise<string> {
  const directory = join(parent, 'flake');
  await mkdir(directory, { recursive: true });
  const filter = (path: string): boolean => !/\/claims|\.test\.ts$|\.md$/.test(path);
  await cp(standInFlake, join(directory, 'nixpkgs'), { recursive: true, filter });
  await writeFile(join(directory, 'flake.nix'), flakeText);
  const environment = { HOME: parent, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...words: readonly string[]) => program('git', ['-C', directory, ...words], { environment });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  await git(...author, 'commit', '--quiet', '--message=x');
  return directory;
}

// What halts the way of a system in the middle of a step: in the activation, in front of and behind the boot loader's
// program, where it is told what to boot once, and where a unit of it is stopped again.
const halt = (name: string): string => {
  const wish = `/run/fleet-halt/${name}`;
  return `if [ -e ${wish} ]; then : >/run/fleet-halt/at-${name}; while [ -e ${wish} ]; do sleep 0.1; done; fi`;
};

const common = `
  systemd.services.own = {
    wantedBy = [ "multi-user.target" ];
    script = "exec sleep infinity";
    preStop = "${halt('going-back')}";
  };
  shaped.chatty = 40;
  system.activationScripts.halt = "${halt('activating')}";
  system.extraSystemBuilderCmds = ''
    mv $out/shaped/install-bootloader $out/shaped/write-loader
    {
      head -n 1 $out/shaped/write-loader
      echo "PATH=$tools/bin"
      echo '${halt('loading')}'
      echo "$out/shaped/write-loader \\"\\$@\\" || exit"
      echo '${halt('loaded')}'
    } >$out/shaped/install-bootloader
    chmod 555 $out/shaped/install-bootloader

    programs=$(readlink $out/sw)
    rm $out/sw
    mkdir -p $out/sw/bin
    ln -s $programs/lib $out/sw/lib
    ln -s $programs/bin/* $out/sw/bin/
    rm $out/sw/bin/bootctl
    {
      head -n 1 $programs/bin/bootctl
      echo "PATH=$tools/bin"
      echo "$programs/bin/bootctl \\"\\$@\\" || exit"
      echo '${halt('once')}'
    } >$out/sw/bin/bootctl
    chmod 555 $out/sw/bin/bootctl
  '';
`;

const flakeText = `{
  outputs = { self }:
    let
      nixpkgs = import ./nixpkgs { };
      system = name: module: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ { networking.hostName = name; } { ${common} } module ];
      };
    in {
      nixosConfigurations = builtins.mapAttrs system {
        ${Object.entries(configurations)
          .map(([name, text]) => `${name} = { ${text} };`)
          .join('\n')}
      };
    };
}
`;
