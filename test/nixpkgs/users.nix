# users.users, security.sudo and programs.ssh.knownHosts -> files of /etc and an activation snippet, as NixOS's own
# modules write them. Debian's root stays as it is.
{ lib, config }:
let
  inherit (config.security) sudo;
  users = builtins.removeAttrs config.users.users [ "root" ];
  names = builtins.attrNames users;
  orNone = v: if v == null then [ ] else v;

  keysOf = user: orNone (user.openssh.authorizedKeys.keys or null);
  keyFile = name: {
    path = "ssh/authorized_keys.d/${name}";
    text = lib.concatLines (keysOf users.${name});
    # sshd takes no file below the group-writable /nix/store.
    mode = "0444";
  };

  allowed =
    c: if builtins.isString c then c else lib.concatMapStrings (o: "${o}:") (c.options or [ ]) + " ${c.command}";
  ruleLines =
    rule:
    map (who: "${who} ALL=(ALL:ALL) ${lib.concatMapStringsSep ", " allowed rule.commands}") (
      orNone (rule.users or null) ++ map (group: "%${group}") (orNone (rule.groups or null))
    );
  wheelRule = "%wheel ALL=(ALL:ALL) ${if sudo.wheelNeedsPassword then "" else "NOPASSWD: "}SETENV: ALL";
  sudoers = {
    path = "sudoers.d/nixos";
    text = lib.concatLines ([ wheelRule ] ++ lib.concatMap ruleLines sudo.extraRules);
    mode = "0440";
  };

  knownHosts = {
    path = "ssh/ssh_known_hosts";
    text = lib.concatLines (
      lib.mapAttrsToList (
        name: host:
        "${lib.concatStringsSep "," (host.hostNames or ([ name ] ++ host.extraHostNames or [ ]))} ${host.publicKey}"
      ) config.programs.ssh.knownHosts
    );
  };

  # mutableUsers is on, as by default: passwords that were set by hand stay.
  made =
    name:
    let
      user = users.${name};
      kind = if user.isSystemUser or false then "--system" else "--shell /bin/sh";
      home = user.home or "/home/${name}";
    in
    ''
      id -u ${name} >/dev/null 2>&1 || useradd ${kind} --create-home --home-dir ${home} ${name}
    ''
    + lib.concatMapStrings (group: ''
      groupadd --force ${group} && usermod --append --groups ${group} ${name}
    '') (orNone (user.extraGroups or null));
in
{
  etc =
    map keyFile (builtins.filter (name: keysOf users.${name} != [ ]) names)
    ++ lib.optional (names != [ ]) sudoers
    ++ lib.optional (config.programs.ssh.knownHosts != { }) knownHosts;
  snippets = lib.optionalAttrs (names != [ ]) { users = lib.concatMapStrings made names; };
}
