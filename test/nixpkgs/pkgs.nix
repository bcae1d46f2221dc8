# The package set: builders that need nothing but the building machine's /bin/sh and coreutils,
# and `shapedTools`, the one package that everything else is made of.
{ system, lib }:
let
  # `nix show-derivation` shows these as any other; nothing is ever fetched or substituted.
  run =
    name: attrs:
    derivation (
      {
        inherit name system;
        builder = "/bin/sh";
        PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // attrs
    );

  shapedTools = run "shaped-tools" {
    args = [
      "-eu"
      ./builders/tools.sh
    ];
    programs = import ./programs.nix;
  };

  text =
    name: mode: contents:
    run name {
      inherit contents mode;
      passAsFile = [ "contents" ];
      args = [
        "-euc"
        ''cp "$contentsPath" "$out"; chmod "$mode" "$out"''
      ];
    };

  bash = "${shapedTools}/bin/bash";

  pkgs = {
    inherit shapedTools system lib;
    stdenv.hostPlatform = { inherit system; };

    writeText = name: text name "444";
    writeScript = name: text name "555";
    writeShellScript = name: script: text name "555" "#!${bash}\n${script}";
    writeShellScriptBin =
      name: script:
      pkgs.fileTree name [
        {
          path = "bin/${name}";
          mode = "555";
          text = "#!${bash}\n${script}";
        }
      ];
    writeShellApplication =
      { name, text, ... }: pkgs.writeShellScriptBin name "set -euo pipefail\n${text}";

    runCommand =
      name: env: script:
      run name (
        env
        // {
          inherit script;
          passAsFile = [ "script" ];
          args = [
            "-euc"
            ''. "$scriptPath"''
          ];
        }
      );

    # One derivation for a whole tree: files are { path, text, mode ? "444" } or { path, source }.
    fileTree =
      name: files:
      let
        numbered = lib.imap0 (n: f: f // { key = "file${toString n}"; }) files;
        texts = builtins.filter (f: f ? text) numbered;
        line =
          f: if f ? text then "text ${f.mode or "444"} ${f.key} ${f.path}" else "link - ${f.source} ${f.path}";
      in
      run name (
        builtins.listToAttrs (map (f: lib.nameValuePair f.key f.text) texts)
        // {
          manifest = lib.concatMapStrings (f: line f + "\n") numbered;
          passAsFile = [ "manifest" ] ++ map (f: f.key) texts;
          args = [
            "-eu"
            ./builders/file-tree.sh
          ];
        }
      )
      // {
        meta.mainProgram = name;
      };

    derivationOf = run;
    hello = pkgs.writeShellScriptBin "hello" "echo 'Hello, world!'";
  };
in
# On NixOS these are packages of their own; here each is the same directory.
lib.genAttrs [
  "bash"
  "bashInteractive"
  "coreutils"
  "findutils"
  "gawk"
  "gnugrep"
  "gnused"
  "iproute2"
  "iputils"
  "nix"
  "openssh"
  "procps"
  "systemd"
  "util-linux"
] (_: shapedTools // { meta.mainProgram = "sh"; })
// pkgs
