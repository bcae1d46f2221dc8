# For the hosts behind the bastion: SSH from the inner network only.
{
  services.openssh.openFirewall = false;
  networking.firewall.interfaces.eth1.allowedTCPPorts = [ 22 ];
}
