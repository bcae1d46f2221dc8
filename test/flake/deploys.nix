# A NixOS test (nix build .#checks.x86_64-linux.deploys): a coordinator deploys to a target that has nixosModules.target;
# a bad system is put back. As nixpkgs' nixos/tests/nixos-rebuild/target-host.nix, the target builds without network.
{ flurry }:
{ hostPkgs, ... }:
{
  name = "flurry-deploys";

  # The profile installation-device has an overlay.
  node.pkgsReadOnly = false;

  nodes = {
    coordinator =
      { pkgs, ... }:
      let
        inherit (import (pkgs.path + "/nixos/tests/ssh-keys.nix") pkgs) snakeOilPrivateKey snakeOilPublicKey;
      in
      {
        environment.systemPackages = [
          flurry
          pkgs.gitMinimal
        ];
        nix.settings = {
          experimental-features = [
            "nix-command"
            "flakes"
          ];
          substituters = pkgs.lib.mkForce [ ];
          flake-registry = "";
        };
        system.extraDependencies = [ pkgs.path ];
        system.build = {
          privateKey = snakeOilPrivateKey;
          publicKey = snakeOilPublicKey;
        };
        virtualisation.memorySize = 2048;
      };

    target =
      {
        nodes,
        lib,
        pkgs,
        ...
      }:
      let
        # As JSON it is part of the flake that is deployed as well.
        settings = {
          flurry.target = {
            enable = true;
            authorizedKeys = [ nodes.coordinator.system.build.publicKey ];
          };
          documentation.enable = false;
          networking.hostName = "target";
        };
      in
      {
        imports = [
          (pkgs.path + "/nixos/modules/profiles/installation-device.nix")
          ../../src/flake/target.nix
          settings
        ];
        nix.settings = {
          substituters = lib.mkForce [ ];
          hashed-mirrors = null;
          connect-timeout = 1;
        };
        system = {
          includeBuildDependencies = true;
          extraDependencies = [
            pkgs.path
            pkgs.grub2
          ];
          build.settings = settings;
          switch.enable = true;
        };
        virtualisation = {
          cores = 2;
          memorySize = 4096;
        };
      };
  };

  testScript =
    { nodes, ... }:
    let
      json = name: value: hostPkgs.writeText name (builtins.toJSON value);
      flake = hostPkgs.writeText "flake.nix" ''
        {
          inputs.nixpkgs.url = "path:${hostPkgs.path}";
          outputs = { nixpkgs, ... }: {
            nixosConfigurations.target = nixpkgs.lib.nixosSystem {
              system = "${hostPkgs.stdenv.hostPlatform.system}";
              modules = [ ./target.nix ];
            };
          };
        }
      '';
      configuration = hostPkgs.writeText "target.nix" ''
        { lib, modulesPath, ... }:
        {
          imports = [
            (modulesPath + "/virtualisation/qemu-vm.nix")
            (modulesPath + "/testing/test-instrumentation.nix")
            (modulesPath + "/profiles/installation-device.nix")
            (lib.modules.importJSON ./settings.json)
            (lib.modules.importJSON ./network.json)
            ./flurry/target.nix
            ./hardware-configuration.nix
            ./release.nix
          ];
          boot.loader.grub = {
            enable = true;
            device = "/dev/vda";
            forceInstall = true;
          };
        }
      '';
      release = name: text: hostPkgs.writeText name "{ ${text} }";
      good = release "good.nix" ''environment.etc.greeting.text = "good";'';
      bad = release "bad.nix" ''
        environment.etc.greeting.text = "bad";
        systemd.services.bad = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };
      '';
    in
    # python
    ''
      start_all()
      target.wait_for_open_port(22)
      target.wait_for_unit("multi-user.target")
      coordinator.wait_for_unit("multi-user.target")

      coordinator.succeed("install -Dm 600 ${nodes.coordinator.system.build.privateKey} /root/.ssh/id_ecdsa")
      coordinator.succeed("printf 'StrictHostKeyChecking accept-new\nUser deploy\n' >/root/.ssh/config")
      coordinator.succeed("mkdir -p /root/fleet/flurry")
      coordinator.succeed("cp ${flake} /root/fleet/flake.nix; cp ${configuration} /root/fleet/target.nix")
      coordinator.succeed("cp ${../../src/flake}/*.nix /root/fleet/flurry")
      coordinator.succeed("cp ${json "settings.json" nodes.target.system.build.settings} /root/fleet/settings.json")
      coordinator.succeed("cp ${json "network.json" nodes.target.system.build.networkConfig} /root/fleet/network.json")
      hardware = target.succeed("nixos-generate-config --show-hardware-config")
      coordinator.succeed(f"cat >/root/fleet/hardware-configuration.nix <<'END'\n{hardware}\nEND")
      coordinator.succeed("cp ${good} /root/fleet/release.nix; cd /root/fleet; nix flake lock")

      with subtest("a system that is well is kept"):
          coordinator.succeed("cd /root/fleet; flurry target -o json >&2")
          assert target.succeed("cat /etc/greeting") == "good"
          kept = target.succeed("readlink /run/current-system")
          assert target.succeed("readlink -f /nix/var/nix/profiles/system") == kept

      with subtest("a system with a unit that fails is put back"):
          coordinator.succeed("cp ${bad} /root/fleet/release.nix")
          status, output = coordinator.execute("cd /root/fleet; flurry target -o json")
          assert status == 1 and '"verdict":"rolled-back"' in output, output
          assert target.succeed("readlink /run/current-system") == kept
          assert target.succeed("readlink -f /nix/var/nix/profiles/system") == kept
          assert target.succeed("cat /etc/greeting") == "good"
    '';
}
