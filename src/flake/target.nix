# nixosModules.target: what makes a NixOS machine one that flurry deploys to.
{ config, lib, ... }:
let
  inherit (lib) mkIf mkOption types;
  cfg = config.flurry.target;
  privilege = import ./privilege.nix;
  isRoot = cfg.user == "root";
  keys = config.users.users.${cfg.user}.openssh.authorizedKeys;
  trustsAuthority = config.services.openssh.settings.TrustedUserCAKeys or null != null;
  becomesRootBy = way: !isRoot && cfg.elevate == way;
in
{
  options.flurry.target = {
    enable = lib.mkEnableOption "deploying to this machine with flurry: a user, its keys, and its way to root";

    user = mkOption {
      type = types.str;
      default = "deploy";
      example = "root";
      description = ''
        The user that flurry logs in as. It is made where it is not declared elsewhere. Its keys are as good as root's,
        whatever {option}`flurry.target.elevate` is.
      '';
    };

    authorizedKeys = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "ssh-ed25519 AAAA... you@laptop" ];
      description = "The public keys that let people, and CI jobs, in as this user.";
    };

    authorizedKeyFiles = mkOption {
      type = types.listOf types.path;
      default = [ ];
      description = "Files of such keys, read when the system is built.";
    };

    elevate = mkOption {
      type = types.enum [
        "sudo"
        "doas"
        "run0"
        "none"
      ];
      default = "sudo";
      description = ''
        How that user becomes root without a password; flurry's `--elevate` names the same, and needs to be given for
        doas and run0. `none` makes no rule: for root itself, and where a rule is declared elsewhere or sudo is to ask for
        a password (`flurry -S`).
      '';
    };
  };

  config = mkIf cfg.enable (
    lib.mkMerge [
      {
        assertions = [
          {
            assertion = keys.keys != [ ] || keys.keyFiles != [ ] || trustsAuthority;
            message = ''
              flurry.target: nobody could log in as "${cfg.user}": it has no key.
              Set flurry.target.authorizedKeys = [ "ssh-ed25519 ..." ], or authorizedKeyFiles.
            '';
          }
          {
            assertion = becomesRootBy "sudo" -> config.security.sudo.enable;
            message = ''
              flurry.target: "${cfg.user}" is to become root by sudo, and security.sudo.enable is false.
              Set flurry.target.elevate = "run0" or "doas", or "none" where another rule lets it become root.
            '';
          }
          {
            assertion = becomesRootBy "sudo" -> !config.security.sudo.execWheelOnly;
            message = ''
              flurry.target: security.sudo.execWheelOnly allows no rule for a single user like "${cfg.user}".
              Set flurry.target.elevate = "run0" or "doas".
            '';
          }
        ];

        users.users.${cfg.user}.openssh.authorizedKeys = {
          keys = cfg.authorizedKeys;
          keyFiles = cfg.authorizedKeyFiles;
        };
        services.openssh.enable = true;
        # flurry asks for both by itself; so does whoever looks at the machine by hand.
        nix.settings.experimental-features = [
          "nix-command"
          "flakes"
        ];
      }
      (mkIf (!isRoot) {
        users.users.${cfg.user} = {
          isNormalUser = lib.mkDefault true;
          description = lib.mkDefault "Deployments by flurry";
        };
      })
      (mkIf (becomesRootBy "sudo") (privilege.sudo cfg.user))
      (mkIf (becomesRootBy "doas") (privilege.doas cfg.user))
      (mkIf (becomesRootBy "run0") (privilege.run0 cfg.user))
    ]
  );
}
