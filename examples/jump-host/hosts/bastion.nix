# The only one that the world may log in to. Connections to the others pass through, end to end encrypted: no key of
# theirs is here.
{
  services.openssh.settings = {
    PasswordAuthentication = false;
    AllowTcpForwarding = true;
    AllowAgentForwarding = false;
  };
}
