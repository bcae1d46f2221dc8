# systemd.services.<name> and its kin -> files of $toplevel/etc/systemd/system.
{ lib, pkgs, config }:
let
  sections = {
    service = "Service";
    timer = "Timer";
    socket = "Socket";
    path = "Path";
    mount = "Mount";
    target = null;
  };

  # A value that every mkIf left undefined is null, and so no line.
  or' = default: v: if v == null then default else v;
  get = name: default: unit: or' default (unit.${name} or null);

  asText = v: if builtins.isBool v then lib.boolToString v else toString v;
  lines =
    set:
    lib.concatStrings (
      lib.mapAttrsToList (
        key: v: lib.concatMapStrings (x: "${key}=${asText x}\n") (if v == null then [ ] else lib.flatten v)
      ) set
    );

  # As in NixOS each script is a store path of its own, and its path is what changes in the unit.
  script =
    unitName: phase: text:
    let
      name = "unit-script-${builtins.replaceStrings [ "@" ] [ "_" ] unitName}-${phase}";
    in
    "${pkgs.writeShellScriptBin name "set -e\n${text}"}/bin/${name}";
  scriptLines =
    name: unit:
    lib.concatStrings (
      lib.mapAttrsToList
        (
          option: { key, phase }:
          lib.optionalString (get option "" unit != "") "${key}=${script name phase unit.${option}}\n"
        )
        {
          script = {
            key = "ExecStart";
            phase = "start";
          };
          preStart = {
            key = "ExecStartPre";
            phase = "pre-start";
          };
          postStart = {
            key = "ExecStartPost";
            phase = "post-start";
          };
          reload = {
            key = "ExecReload";
            phase = "reload";
          };
          preStop = {
            key = "ExecStop";
            phase = "pre-stop";
          };
          postStop = {
            key = "ExecStopPost";
            phase = "post-stop";
          };
        }
    );

  serviceLines =
    name: unit:
    # NixOS units see no /usr/bin either: PATH holds store paths only.
    lines {
      Environment = lib.mapAttrsToList (k: v: ''"${k}=${toString v}"'') (
        {
          PATH = lib.makeBinPath (get "path" [ ] unit ++ [ pkgs.shapedTools ]);
        }
        // lib.filterAttrs (_: v: v != null) (get "environment" { } unit)
      );
    }
    + scriptLines name unit
    + lines (get "serviceConfig" { } unit)
    # The flags by which switch-to-configuration decides, spelt as NixOS spells them.
    + lib.optionalString (!get "restartIfChanged" true unit) "X-RestartIfChanged=false\n"
    + lib.optionalString (!get "stopIfChanged" true unit) "X-StopIfChanged=false\n"
    + lib.optionalString (get "reloadIfChanged" false unit) "X-ReloadIfChanged=true\n";

  unitText =
    type: name: unit:
    "[Unit]\n"
    + lines {
      Description = get "description" null unit;
      After = get "after" [ ] unit;
      Before = get "before" [ ] unit;
      Requires = get "requires" [ ] unit;
      Wants = get "wants" [ ] unit;
      BindsTo = get "bindsTo" [ ] unit;
      PartOf = get "partOf" [ ] unit;
      Conflicts = get "conflicts" [ ] unit;
      OnFailure = get "onFailure" [ ] unit;
      X-Restart-Triggers = get "restartTriggers" [ ] unit;
      X-Reload-Triggers = get "reloadTriggers" [ ] unit;
    }
    + lines (get "unitConfig" { } unit)
    + lib.optionalString (sections.${type} != null) (
      "\n[${sections.${type}}]\n"
      + (if type == "service" then serviceLines name unit else lines (get "${type}Config" { } unit))
      + lines { ListenStream = get "listenStreams" [ ] unit; }
    );

  # Links in TARGET.wants, as NixOS makes them: there is no [Install] section.
  wantsLinks =
    file: unit:
    let
      into =
        suffix: target: {
          path = "systemd/system/${target}.${suffix}/${file}";
          source = "../${file}";
        };
    in
    map (into "wants") (lib.unique (get "wantedBy" [ ] unit))
    ++ map (into "requires") (lib.unique (get "requiredBy" [ ] unit));

  unitFiles =
    type: name: unit:
    let
      file = "${name}.${type}";
    in
    [
      {
        path = "systemd/system/${file}";
        text = unitText type name unit;
      }
    ]
    ++ wantsLinks file unit;

  # A service that a false mkIf left without a command is not there at all.
  isThere =
    type: unit:
    unit != null
    && get "enable" true unit
    && (
      type != "service"
      || get "script" null unit != null
      || lib.filterAttrs (_: v: v != null) (get "serviceConfig" { } unit) != { }
    );

  ofType =
    type: units:
    lib.concatMap (name: lib.optionals (isThere type units.${name}) (unitFiles type name units.${name})) (
      builtins.attrNames units
    );

  # As systemd-escape --path, for the paths that tests use.
  mountName = where: builtins.replaceStrings [ "-" "/" ] [ "\\x2d" "-" ] (lib.removePrefix "/" where);
  mounts = lib.listToAttrs (
    map (
      m:
      lib.nameValuePair (mountName m.where) (
        m
        // {
          mountConfig = {
            What = m.what;
            Where = m.where;
            Type = m.type or null;
            Options = m.options or null;
          }
          // m.mountConfig or { };
        }
      )
    ) config.systemd.mounts
  );
in
ofType "service" config.systemd.services
++ ofType "timer" config.systemd.timers
++ ofType "socket" config.systemd.sockets
++ ofType "path" config.systemd.paths
++ ofType "target" (
  {
    # NixOS has this target for units that must run again before sysinit.target's dependents.
    sysinit-reactivation.description = "Reactivate sysinit units";
  }
  // config.systemd.targets
)
++ ofType "mount" mounts
