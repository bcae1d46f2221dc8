{
  systemd.services.greeter = {
    description = "web1 serves the shop";
    wantedBy = [ "multi-user.target" ];
    script = ''
      echo "web1 serves the shop"
      exec sleep infinity
    '';
  };
}
