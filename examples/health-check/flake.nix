{
  description = "A host that looks after the others";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    flurry.url = "github:OWNER/flurry";
    flurry.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      flurry,
    }:
    let
      system = "x86_64-linux";
      host =
        name:
        nixpkgs.lib.nixosSystem {
          inherit system;
          specialArgs.flurry = flurry.packages.${system}.default;
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
      nixosConfigurations = nixpkgs.lib.genAttrs [ "monitor" "web1" "web2" ] host;
    };
}
