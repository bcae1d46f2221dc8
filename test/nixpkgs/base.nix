# The defaults of every option that this stand-in knows. All others may be set and are ignored.
{ lib, ... }:
let
  defaults = builtins.mapAttrs (
    _: value: if builtins.isAttrs value && value != { } then defaults value else lib.mkOverride 1500 value
  );
in
defaults {
  networking.hostName = "nixos";
  nixpkgs.hostPlatform = "x86_64-linux";
  boot.kernelParams = [ "loglevel=4" ];
  environment = {
    etc = { };
    systemPackages = [ ];
  };
  specialisation = { };
  users.users = { };
  security.sudo = {
    extraRules = [ ];
    wheelNeedsPassword = true;
  };
  programs.ssh.knownHosts = { };
  systemd = {
    services = { };
    timers = { };
    sockets = { };
    targets = { };
    paths = { };
    mounts = [ ];
  };
  system = {
    stateVersion = "26.05";
    nixos.label = "26.05.20261101.shaped";
    configurationRevision = null;
    extraSystemBuilderCmds = "";
    systemBuilderCommands = "";
    activationScripts = { };
    preSwitchChecks = { };
    switch.inhibitors = { };
    build = { };
  };
  shaped = {
    loader = "systemd-boot";
    kernelVersion = "6.12.58";
    kernelSizeKiB = 64;
    initInterfaceVersion = 2;
    buildFails = false;
    buildSeconds = 0;
    evalFails = false;
    testHangsSeconds = 0;
    ignoresSigterm = false;
    activationFails = false;
    loaderFails = false;
    stopsSshd = false;
    noNixosVersion = false;
    oldStc = false;
    chatty = 0;
  };
}
