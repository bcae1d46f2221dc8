# config -> the system's toplevel, a raw derivation with the files that NixOS's has.
{
  lib,
  pkgs,
  config,
  specialisations,
}:
let
  inherit (config) shaped system;
  inherit (system.nixos) label;
  tools = pkgs.shapedTools;
  version = shaped.kernelVersion;

  # Three store paths, as in NixOS, since a deployer tells "reboot needed" by comparing them.
  blob =
    name: file:
    pkgs.derivationOf name {
      inherit file;
      sizeKiB = toString shaped.kernelSizeKiB;
      args = [
        "-eu"
        ./builders/blob.sh
      ];
    };
  kernel = blob "linux-${version}" "bzImage";
  initrd = blob "initrd-linux-${version}" "initrd";
  modules = blob "linux-${version}-modules" "lib/modules/${version}/modules.dep";

  declared = import ./users.nix { inherit lib config; };

  # As in NixOS: an entry with a mode becomes a file of its own in /etc, by a second entry that names the mode.
  withMode =
    entry:
    [ entry ]
    ++ lib.optional (!builtins.elem (entry.mode or "symlink") [ null "symlink" ]) {
      path = "${entry.path}.mode";
      text = entry.mode;
    };

  etcEntries = lib.concatMap (
    path:
    let
      entry = config.environment.etc.${path};
      there = entry != null && entry.enable or true == true;
    in
    lib.optional (there && (entry.text or null) != null) {
      inherit path;
      inherit (entry) text;
      mode = entry.mode or null;
    }
    ++ lib.optional (there && (entry.text or null) == null && (entry.source or null) != null) {
      inherit path;
      inherit (entry) source;
      mode = entry.mode or null;
    }
  ) (builtins.attrNames config.environment.etc);

  etc = pkgs.fileTree "etc" (
    map (f: builtins.removeAttrs f [ "mode" ] // { path = "etc/${f.path}"; }) (
      [
        {
          path = "os-release";
          text = ''
            NAME=NixOS
            ID=nixos
            PRETTY_NAME="NixOS 26.05 (shaped)"
            VERSION_ID="26.05"
            BUILD_ID="${label}"
          '';
        }
      ]
      ++ import ./units.nix { inherit lib pkgs config; }
      ++ lib.concatMap withMode (declared.etc ++ etcEntries)
    )
  );

  systemPath = pkgs.derivationOf "system-path" {
    inherit tools label;
    packages = map toString config.environment.systemPackages;
    revision = if system.configurationRevision == null then "" else system.configurationRevision;
    nixosVersion = ./scripts/nixos-version.sh;
    # As in NixOS, GRUB's own programs are there where GRUB is.
    standIns = [ ./scripts/bootctl.sh ] ++ lib.optionals (shaped.loader == "grub") [
      ./scripts/grub-reboot.sh
      ./scripts/grub-editenv.sh
    ];
    args = [
      "-eu"
      ./builders/system-path.sh
    ];
  };

  snippet = s: if builtins.isAttrs s then s.text or "" else s;
  # As in NixOS: a failing snippet is told, the rest still runs, and the end is exit 1.
  activationSnippets = lib.concatStrings (
    lib.mapAttrsToList (name: s: ''
      #### Activation script snippet ${name}:
      _localstatus=0
      ${snippet s}
      if (( _localstatus > 0 )); then
        printf "Activation script snippet '%s' failed (%s)\n" "${name}" "$_localstatus"
      fi
    '') (
      lib.filterAttrs (_: s: s != null && snippet s != null) (declared.snippets // system.activationScripts)
    )
  );

  checks = lib.concatStrings (
    lib.mapAttrsToList (name: text: ''
      # pre-switch check ${name}
      # Not inside an `if`: bash would ignore set -e there.
      ( set -e
      ${text}
      ) >&2
      [ "$?" = 0 ] || { echo "Pre-switch check '${name}' failed" >&2; exit 1; }
    '') (lib.filterAttrs (_: text: text != null) system.preSwitchChecks)
  );

  knob = v: if builtins.isBool v then (if v then "1" else "") else toString v;
  settings = lib.concatStrings (
    lib.mapAttrsToList (name: v: "${name}=${lib.escapeShellArg (knob v)}\n") {
      activation_fails = shaped.activationFails;
      inherit (shaped) chatty loader;
      ignores_sigterm = shaped.ignoresSigterm;
      loader_fails = shaped.loaderFails;
      old_stc = shaped.oldStc;
      stops_sshd = shaped.stopsSshd;
      test_hangs_seconds = shaped.testHangsSeconds;
    }
  );

  inhibitors = lib.filterAttrs (_: v: v != null) system.switch.inhibitors;

  toplevel = pkgs.derivationOf "nixos-system-${config.networking.hostName}-${label}" {
    inherit
      tools
      label
      kernel
      initrd
      modules
      etc
      systemPath
      activationSnippets
      checks
      settings
      ;
    passAsFile = [
      "activationSnippets"
      "checks"
      "settings"
      "extraCommands"
      "switchInhibitors"
    ];
    # Of all knobs only these two act while building.
    buildFails = knob shaped.buildFails;
    buildSeconds = toString shaped.buildSeconds;
    extraCommands = "${system.extraSystemBuilderCmds}\n${system.systemBuilderCommands}";
    switchInhibitors = if inhibitors == { } then "" else builtins.toJSON inhibitors;
    initInterfaceVersion = toString shaped.initInterfaceVersion;
    nixosVersion = if shaped.noNixosVersion then "" else label;
    kernelParams = lib.concatStringsSep " " config.boot.kernelParams;
    kernelVersion = version;
    hostSystem = pkgs.system;
    specialisations = lib.mapAttrsToList (name: path: "${name}=${path}") specialisations;
    scripts = ./scripts;
    args = [
      "-eu"
      ./builders/toplevel.sh
    ];
  };
in
if shaped.evalFails then
  throw "shaped.evalFails: the configuration ${config.networking.hostName} does not evaluate"
else
  toplevel
