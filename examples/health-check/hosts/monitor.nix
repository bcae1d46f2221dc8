# Looks at the hosts every ten minutes, and raises an alert where one is not well.
{ pkgs, flurry, ... }:
{
  programs.ssh.knownHosts = {
    web1.publicKey = "ssh-ed25519 AAAA... of web1";
    web2.publicKey = "ssh-ed25519 AAAA... of web2";
  };

  users.users.fleet-health = {
    isSystemUser = true;
    group = "fleet-health";
    home = "/var/lib/fleet-health";
  };
  users.groups.fleet-health = { };

  systemd.services.fleet-health = {
    description = "Are all hosts well?";
    path = [
      flurry
      pkgs.openssh
    ];
    serviceConfig = {
      Type = "oneshot";
      User = "fleet-health";
      StateDirectory = "fleet-health";
    };
    preStart = ''
      [ -e ~/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519
    '';
    # A host that is unwell is no failure of this one: the unit fails only where no alert could be given.
    script = ''
      last=$STATE_DIRECTORY/last.jsonl
      flurry check web1 web2 --ssh-option User=check --output json >"$last" || tail -n 1 "$last" |
        systemd-cat --identifier=fleet-health --priority=alert
    '';
  };

  systemd.timers.fleet-health = {
    wantedBy = [ "timers.target" ];
    timerConfig = {
      OnCalendar = "*:0/10";
      Persistent = true;
    };
  };
}
