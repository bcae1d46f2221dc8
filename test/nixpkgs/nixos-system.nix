# lib.nixosSystem: modules in, `config.system.build.toplevel` out.
{ lib }:
let
  evaluate =
    {
      system ? null,
      modules ? [ ],
      specialArgs ? { },
      isSpecialisation ? false,
      ... # nixpkgs' own takes more: pkgs, lib, modulesLocation
    }:
    let
      evaluated = lib.evalModules {
        modules = [ ./base.nix ] ++ lib.optional (system != null) { nixpkgs.hostPlatform = system; } ++ modules;
        args = {
          inherit config lib pkgs;
          options = { };
          modulesPath = ./.;
        }
        // specialArgs;
      };
      # NixOS elaborates the platform string to a set, and so do we: hostPlatform.system.
      platform = evaluated.nixpkgs.hostPlatform;
      hostSystem = platform.system or platform;
      pkgs = import ./pkgs.nix {
        inherit lib;
        system = hostSystem;
      };
      specialisations = lib.optionalAttrs (!isSpecialisation) (
        builtins.mapAttrs (
          _: s:
          (evaluate {
            inherit system specialArgs;
            modules = modules ++ [ s.configuration ];
            isSpecialisation = true;
          }).config.system.build.toplevel
        ) evaluated.specialisation
      );
      config = evaluated // {
        nixpkgs = evaluated.nixpkgs // {
          hostPlatform = {
            system = hostSystem;
          };
        };
        system = evaluated.system // {
          build = evaluated.system.build // {
            toplevel = import ./toplevel.nix {
              inherit
                lib
                pkgs
                config
                specialisations
                ;
            };
          };
        };
      };
    in
    {
      inherit config pkgs;
      options = { };
    };
in
evaluate
