{
  imports = [ ./inside.nix ];

  systemd.services.greeter = {
    description = "db1 keeps the orders";
    wantedBy = [ "multi-user.target" ];
    script = ''
      echo "db1 keeps the orders"
      exec sleep infinity
    '';
  };
}
