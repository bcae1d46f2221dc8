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

  system.stateVersion = "26.05";
}
