# Stands for a database: whoever connects is told the version of its protocol.
let
  protocol = import ../protocol.nix;
in
{
  networking.firewall.allowedTCPPorts = [ 7000 ];

  systemd.sockets.store = {
    wantedBy = [ "sockets.target" ];
    listenStreams = [ "7000" ];
    socketConfig.Accept = true;
  };
  systemd.services."store@" = {
    serviceConfig.StandardInput = "socket";
    script = "echo ${toString protocol}";
  };
}
