{
  description = "A tiny stand-in for nixpkgs: NixOS-shaped systems on Debian hosts, offline";

  outputs =
    { self }:
    let
      nixpkgs = import ./default.nix { };
      base = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ];
      };
    in
    {
      inherit (nixpkgs) lib legacyPackages;
      packages.x86_64-linux = rec {
        base = self.nixosConfigurations.base.config.system.build.toplevel;
        tools = nixpkgs.legacyPackages.x86_64-linux.shapedTools;
        default = base;
      };
      nixosConfigurations.base = base;
    };
}
