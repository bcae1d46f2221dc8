/** The text of `flurry --help privilege`; a test deploys by the very rules that stand here. */
export const privilegeHelp = `How flurry becomes root on a host

Log in as root (root@HOST), or as a user that becomes root by sudo, doas or run0: see --elevate. That user need not
be in nix.settings.trusted-users.

Whoever may activate a system is root on that host: a system is what root runs. No rule that lets flurry do its work can
give less, however it is written, and so none below pretends to. Keep the key of that user as you would keep root's.

Below, deploy is such a user. It logs in by key:

  users.users.deploy = {
    isNormalUser = true;
    openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA... you@laptop" ];
  };

By sudo, without a password (--elevate=sudo, the default):

  security.sudo.extraRules = [
    {
      users = [ "deploy" ];
      commands = [ { command = "ALL"; options = [ "NOPASSWD" ]; } ];
    }
  ];

With security.sudo.execWheelOnly the user must be in the group wheel as well.

By sudo, with a password: a user of the group wheel (extraGroups = [ "wheel" ]) with a password needs no rule. Give
-S, or --elevate-password-command or --elevate-password-file where nobody can be asked. The password is sent by the
encrypted connection to a host whose sudo asks for it, once, and is kept nowhere.

By doas, without a password (--elevate=doas):

  security.doas.enable = true;
  security.doas.extraRules = [ { users = [ "deploy" ]; noPass = true; } ];

By run0, without a password (--elevate=run0; systemd 256 or newer):

  security.polkit.enable = true;
  security.polkit.extraConfig = ''
    polkit.addRule(function (action, subject) {
      if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "deploy") {
        return polkit.Result.YES;
      }
    });
  '';
`;
