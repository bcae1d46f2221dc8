{
  description = "Push-based, parallel deploys of NixOS flakes that prove each host before they keep it";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      of = outputs: pkgs: outputs.${pkgs.stdenv.hostPlatform.system};
    in
    {
      packages = forAllSystems (pkgs: rec {
        flurry = pkgs.callPackage ./src/flake/package.nix { };
        default = flurry;
      });

      # nix run .#deploy -- web1 web2; a flake that has these as its own (inherit (flurry) apps) is deployed the same way.
      apps = forAllSystems (pkgs: rec {
        deploy = {
          type = "app";
          program = lib.getExe (of self.packages pkgs).flurry;
          meta.description = "Deploy the flake of the working directory to hosts";
        };
        default = deploy;
      });

      overlays.default = final: prev: { flurry = final.callPackage ./src/flake/package.nix { }; };

      # For the machines that are deployed to.
      nixosModules = rec {
        target.imports = [ ./src/flake/target.nix ];
        default = target;
      };

      # privilege.sudo "deploy", and doas and run0: settings of NixOS that let a user become root without a password.
      lib.privilege = import ./src/flake/privilege.nix;

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs
            pkgs.shellcheck
            pkgs.nixfmt
          ];
        };
      });

      formatter = forAllSystems (pkgs: pkgs.nixfmt-tree);

      checks = forAllSystems (
        pkgs:
        import ./src/flake/checks.nix {
          inherit lib nixpkgs pkgs;
          inherit (of self.packages pkgs) flurry;
        }
      );
    };
}
