# How a user becomes root on a host without a password: the rules that `flurry --help privilege` prints, as settings of
# NixOS. Whoever may activate a system is root there; none of them gives less.
{
  sudo = user: {
    security.sudo.extraRules = [
      {
        users = [ user ];
        commands = [
          {
            command = "ALL";
            options = [ "NOPASSWD" ];
          }
        ];
      }
    ];
  };

  doas = user: {
    security.doas.enable = true;
    security.doas.extraRules = [
      {
        users = [ user ];
        noPass = true;
      }
    ];
  };

  run0 = user: {
    security.polkit.enable = true;
    security.polkit.extraConfig = ''
      polkit.addRule(function (action, subject) {
        if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "${user}") {
          return polkit.Result.YES;
        }
      });
    '';
  };
}
