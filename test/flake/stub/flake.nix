{
  description = "The stand-in for nixpkgs (a copy of test/nixpkgs in ./nixpkgs), with what a package is made of";

  outputs =
    { self }:
    let
      base = import ./nixpkgs/lib.nix;
      lib = base // import ./lib.nix base;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs systems (
        system:
        import ./packaging.nix {
          inherit lib system;
          base = import ./nixpkgs/pkgs.nix {
            inherit system;
            lib = base;
          };
        }
      );
    };
}
