# What all hosts share. On machines of your own, their hardware-configuration.nix belongs into `imports`.
{ pkgs, ... }:
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

  # Runs from the new system before anything is switched; if it fails, nothing is.
  system.extraSystemBuilderCmds = ''
    ln -s ${pkgs.writeShellScript "self-check" "test -d /nix/store"} $out/pre-activate-safety-checks
  '';

  system.stateVersion = "26.05";
}
