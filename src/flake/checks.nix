# What `nix flake check` builds of one system.
{
  lib,
  nixpkgs,
  pkgs,
  flurry,
}:
let
  root = ../..;
  nixFiles = map (path: "${root + path}") [
    "/flake.nix"
    "/src/flake"
    "/test/flake"
  ];
  # Reading its documentation finds an option without a description.
  target = nixpkgs.lib.nixosSystem {
    modules = [
      ./target.nix
      { nixpkgs.hostPlatform = "x86_64-linux"; }
    ];
  };
in
{
  package = flurry;

  formatting = pkgs.runCommand "flurry-formatting" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
    find ${toString nixFiles} -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';

  target-options = (pkgs.nixosOptionsDoc { options = { inherit (target.options) flurry; }; }).optionsJSON;
}
// lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
  deploys = pkgs.testers.runNixOSTest (import ../../test/flake/deploys.nix { inherit flurry; });
}
