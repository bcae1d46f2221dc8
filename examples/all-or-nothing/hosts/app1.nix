# Stands for an application: it starts only where the database speaks its version of the protocol.
let
  protocol = import ../protocol.nix;
in
{
  systemd.services.app = {
    wantedBy = [ "multi-user.target" ];
    # Both hosts change at the same time, forth or back: the other one may need a moment.
    preStart = ''
      for attempt in $(seq 20); do
        if { read -r found </dev/tcp/db1/7000; } 2>/dev/null && [ "$found" = ${toString protocol} ]; then
          exit 0
        fi
        sleep 1
      done
      echo "db1 does not speak version ${toString protocol}" >&2
      exit 1
    '';
    script = ''
      echo "app1 speaks version ${toString protocol}"
      exec sleep infinity
    '';
  };
}
