# In the place of flurry's own flake, which has tests of its own: its package starts what a test has copied into the host
# (test/deploy/flurry-inside.ts).
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    {
      packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.writeShellScriptBin "flurry" ''
        exec /usr/local/flurry/node /usr/local/flurry/bin/flurry.js "$@"
      '';
    };
}
