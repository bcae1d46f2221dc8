# Which options the hosts of an example set, by its own modules and nothing else. The folder comes as an argument.
{ standIn, example }:
let
  lib = import (standIn + "/lib.nix");
  pkgs = import (standIn + "/pkgs.nix") {
    system = "x86_64-linux";
    inherit lib;
  };
  nixosSystem =
    {
      modules,
      specialArgs ? { },
      ...
    }:
    lib.evalModules {
      inherit modules;
      args = {
        inherit lib pkgs;
        config = { };
      }
      // specialArgs;
    };
  inputs = {
    self = { };
    nixpkgs.lib = lib // {
      inherit nixosSystem;
    };
    flurry.packages.x86_64-linux.default = pkgs.hello;
  };
  inherit (import (example + "/flake.nix")) outputs;
  hosts = (outputs (builtins.intersectAttrs (builtins.functionArgs outputs) inputs)).nixosConfigurations;

  paths =
    path: value:
    if builtins.isAttrs value && value != { } && !(lib.isDerivation value) then
      lib.concatMap (name: paths (path ++ [ name ]) value.${name}) (builtins.attrNames value)
    else
      [ path ];
in
lib.concatMap (paths [ ]) (builtins.attrValues hosts)
