{
  description = "Two hosts that a pipeline deploys to";

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
      nixosConfigurations = nixpkgs.lib.genAttrs [ "web1" "web2" ] host;
    };
}
