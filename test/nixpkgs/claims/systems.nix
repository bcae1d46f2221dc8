# A system for each claim of the README. `nix build -f systems.nix all` makes a folder with a link to each.
let
  nixpkgs = import ../. { };
  inherit (nixpkgs) lib;
  svc = name: extra: {
    systemd.services.${name} = {
      wantedBy = [ "multi-user.target" ];
      script = "sleep infinity";
    }
    // extra;
  };
  systems = rec {
    base = { };
    web = svc "web" { };
    web2 = svc "web" { script = "echo two; sleep infinity"; };
    webDesc = svc "web" { description = "another description"; };
    webReload = svc "web" { reloadIfChanged = true; serviceConfig.ExecReload = "/bin/true"; };
    webReload2 = svc "web" { reloadIfChanged = true; serviceConfig.ExecReload = "/bin/true"; environment.X = "a b"; };
    webRestart = svc "web" { stopIfChanged = false; environment.Y = "1"; };
    webKeep = svc "web" { restartIfChanged = false; environment.Y = "2"; };
    failing = { imports = [ (svc "bad" { script = "exit 1"; }) ]; };
    flapping = svc "flap" { script = "exit 3"; serviceConfig = { Restart = "always"; RestartSec = 30; }; };
    oneshot = svc "once" { script = "date >>/run/once"; serviceConfig.Type = "oneshot"; };
    inhibA = { system.switch.inhibitors = { dbus = "dbus"; init = "x:1"; }; };
    inhibB = { system.switch.inhibitors = { dbus = "broker"; init = "x:1"; other = "y"; }; };
    inhibC = { system.switch.inhibitors = { other = "z"; init = "x:1"; }; };
    checkFails = { system.preSwitchChecks.nope = "echo checking $2 of $1\nfalse\ntrue"; };
    checkOk = { system.preSwitchChecks.fine = "test -d \"$1\"; touch /run/checked-$2"; };
    actFails = { shaped.activationFails = true; };
    snipFails = { system.activationScripts.boom = "false"; system.activationScripts.zed.text = "touch /run/zed-ran"; };
    loaderFails = { shaped.loaderFails = true; };
    init3 = { shaped.initInterfaceVersion = 3; };
    hangs = { imports = [ web2 ]; shaped.testHangsSeconds = 20; };
    deaf = { shaped.testHangsSeconds = 15; shaped.ignoresSigterm = true; };
    oldStc = { shaped.oldStc = true; };
    noSshd = { shaped.stopsSshd = true; };
    stopSshd = { shaped.stopsSshd = "stop"; };
    kernel2 = { shaped.kernelVersion = "6.18.1"; shaped.kernelSizeKiB = 2048; };
    kernel3 = { shaped.kernelVersion = "6.19.0"; shaped.kernelSizeKiB = 4096; };
    grub = { shaped.loader = "grub"; };
    extlinux = { shaped.loader = "extlinux"; };
    none = { shaped.loader = "none"; };
    etcfile = { environment.etc."app/conf".text = "hello\n"; environment.etc."passwd".text = "no"; };
    noVersion = { shaped.noNixosVersion = true; };
    chatty = { shaped.chatty = 3000; };
    buildFails = { shaped.buildFails = true; };
    evalFails = { shaped.evalFails = true; };
    mountBad = { systemd.mounts = [ { what = "/dev/nothere"; where = "/mnt/bad"; type = "ext4"; requiredBy = [ "local-fs.target" ]; before = [ "local-fs.target" ]; unitConfig.DefaultDependencies = false; } ]; };
    selfcheck = { pkgs, ... }: { system.extraSystemBuilderCmds = "ln -s ${pkgs.writeShellScript "chk" "exit 7"} $out/pre-activate-safety-checks"; system.configurationRevision = "abc123"; };
    modular = { config, lib, pkgs, ... }: {
      options.services.my = { enable = lib.mkEnableOption "my"; port = lib.mkOption { type = lib.types.port; default = 80; }; };
      config = lib.mkIf config.services.my.enable { systemd.services.my = { wantedBy = [ "multi-user.target" ]; script = "echo ${toString config.services.my.port}; sleep infinity"; }; };
      imports = [ ({ lib, ... }: { services.my.enable = lib.mkDefault false; services.my.port = lib.mkForce 81; }) ({ services.my.enable = true; services.openssh.enable = true; boot.loader.grub.enable = true; fileSystems."/".device = "x"; }) ];
    };
    modularOff = { lib, ... }: { imports = [ modular ]; services.my.enable = lib.mkForce false; };
    escapee = { system.activationScripts.esc = "setsid sleep 4242 >/dev/null 2>&1 </dev/null &"; };
    special = { lib, ... }: { imports = [ web ]; specialisation.alt.configuration = { imports = [ web2 ]; shaped.chatty = 2; }; };
  };
  toplevels = builtins.mapAttrs (
    name: module:
    (nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        module
        { networking.hostName = lib.mkDefault name; }
      ];
    }).config.system.build.toplevel
  ) systems;
  wellBuilt = builtins.removeAttrs toplevels [
    "buildFails"
    "evalFails"
  ];
in
toplevels
// {
  all = nixpkgs.fileTree "all" (
    lib.mapAttrsToList (path: toplevel: {
      inherit path;
      source = "${toplevel}";
    }) wellBuilt
  );
}
