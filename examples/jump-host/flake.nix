{
  description = "Two hosts that are reached through a third";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      host =
        name:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./hosts/common.nix
            ./hosts/${name}.nix
            {
              networking.hostName = name;
              system.configurationRevision = self.rev or null;
            }
          ];
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "bastion" "web1" "db1" ] host;
    };
}
