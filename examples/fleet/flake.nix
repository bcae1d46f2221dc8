{
  description = "A fleet: the flake says which hosts there are, and how each is treated";

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
            {
              networking.hostName = name;
              # So that a host can say by itself of which commit it is.
              system.configurationRevision = self.rev or null;
            }
          ];
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "web1" "web2" "db1" ] host;

      # Plain data. What a person types beats it; a host's own words beat those for all.
      flurry = {
        # Of all hosts, unless one says otherwise, and of each run.
        defaults = {
          user = "root";
          parallel = 5;
          limits.confirmTimeout = "90s";
        };

        hosts = {
          # The configuration is the one of the same name.
          web1 = {
            address = "web1.example.org";
            tags = [ "web" "eu" ];
          };
          web2 = {
            address = "web2.example.org";
            tags = [ "web" "us" ];
          };
          # A name of its own; the configuration is that of db1.
          db-main = {
            address = "db.example.org";
            configuration = "db1";
            tags = [ "db" "eu" ];
            # It must show this key, whatever known_hosts says: its /etc/ssh/ssh_host_ed25519_key.pub.
            hostKeys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOlA4oKULVQr208Yo9mMZNRkIqPNhC3TeaiYlKxxk00h" ];
            # It takes its time, and its backup may have failed without being a reason not to deploy.
            limits.activationTimeout = "30m";
            ignoreUnits = [ "backup.service" ];
          };
        };
      };
    };
}
