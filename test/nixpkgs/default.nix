# Like `import <nixpkgs> { }`: a package set. It also carries `lib` (with nixosSystem) and
# `legacyPackages`, so that a vendored copy serves as `nixpkgs` in a flake without inputs.
{
  system ? "x86_64-linux",
}:
let
  lib = import ./lib.nix;
  pkgsFor = system: import ./pkgs.nix { inherit system lib; };
in
pkgsFor system
// {
  inherit lib;
  legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] pkgsFor;
}
