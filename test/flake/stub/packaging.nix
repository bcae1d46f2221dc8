# The part of nixpkgs' package set that src/flake uses, made of the machine's own /bin/sh, coreutils, node and npm.
{
  lib,
  system,
  base,
}:
let
  # A derivation of a script, with the attributes beside it that people look at.
  made =
    { name, script, ... }@attributes:
    base.derivationOf name (
      removeAttrs attributes [
        "meta"
        "name"
        "script"
        "passthru"
      ]
      // {
        PATH = "/usr/local/bin:/usr/bin:/bin";
        args = [
          "-euc"
          script
        ];
      }
    )
    // {
      meta = attributes.meta or { };
    }
    // attributes.passthru or { };

  # A package that has these programs of the machine.
  machines =
    name: version: programs:
    made {
      inherit name;
      script = ''
        mkdir -p $out/bin
        for program in ${toString programs}; do ln -s "$(command -v $program)" $out/bin/$program; done
      '';
      passthru = { inherit version; };
      meta.mainProgram = name;
    };
  nothing = name: machines name "1" [ ];

  # Like nixpkgs', a derivation with a fixed output: where the store has that already, nothing is fetched.
  fetchurl =
    { url, hash }:
    derivation {
      name = baseNameOf url;
      builder = "builtin:fetchurl";
      system = "builtin";
      inherit url;
      outputHash = hash;
      outputHashAlgo = null;
      outputHashMode = "flat";
      unpack = false;
      executable = false;
      preferLocalBuild = true;
    };

  # As in nixpkgs (pkgs/build-support/node/import-npm-lock): each address becomes that of a store path.
  importNpmLock =
    { package, packageLock }:
    let
      isFetched = entry: entry ? resolved;
      tarball =
        entry:
        fetchurl {
          url = entry.resolved;
          hash = entry.integrity;
        };
      packages = builtins.mapAttrs (
        _: entry:
        removeAttrs entry [
          "link"
          "funding"
        ]
        // lib.optionalAttrs (isFetched entry) { resolved = "file:${tarball entry}"; }
      ) packageLock.packages;
      direct =
        kind:
        lib.optionalAttrs (package ? ${kind}) {
          ${kind} = builtins.mapAttrs (name: _: packages."node_modules/${name}".resolved) package.${kind};
        };
    in
    made {
      name = "${package.name}-${package.version}-sources";
      passAsFile = [
        "package"
        "packageLock"
      ];
      package = builtins.toJSON (package // direct "dependencies" // direct "devDependencies");
      packageLock = builtins.toJSON (packageLock // { inherit packages; });
      script = ''
        mkdir $out
        cp "$packagePath" $out/package.json
        cp "$packageLockPath" $out/package-lock.json
      '';
      passthru.tarballs = map (entry: {
        inherit (entry) resolved integrity;
      }) (builtins.filter isFetched (builtins.attrValues packageLock.packages));
    };

  # The phases of nixpkgs' hooks, as far as they do something here.
  buildNpmPackage =
    {
      pname,
      version,
      src,
      npmDeps,
      installPhase,
      installCheckPhase,
      npmRebuildFlags ? [ ],
      meta,
      ...
    }:
    made {
      name = "${pname}-${version}";
      inherit
        src
        npmDeps
        npmRebuildFlags
        meta
        ;
      script = ''
        runHook() { :; }
        makeWrapper() {
          mkdir -p "$(dirname "$2")"
          printf '#!/bin/sh\nexec %s %s "$@"\n' "$1" "$4" >"$2"
          chmod +x "$2"
        }
        export HOME=$PWD
        cp -r "$src" source
        chmod -R u+w source
        cd source
        cp --no-preserve=mode "$npmDeps"/*.json .
        npm install --offline --no-progress --no-fund --no-audit --ignore-scripts
        npm rebuild $npmRebuildFlags
        npm run build
        ${installPhase}
        ${installCheckPhase}
      '';
      passthru = { inherit pname version npmDeps; };
    };

  pkgs =
    base
    // {
      inherit
        lib
        fetchurl
        buildNpmPackage
        ;
      importNpmLock = {
        npmConfigHook = "npm-config-hook";
        __functor = _: importNpmLock;
      };
      nodejs = machines "node" "22.0.0" [
        "node"
        "npm"
      ];
      callPackage =
        path: arguments:
        let
          make = import path;
        in
        make (builtins.intersectAttrs (builtins.functionArgs make) pkgs // arguments);
      stdenv.hostPlatform = {
        inherit system;
        isLinux = builtins.match ".*-linux" system != null;
      };
      mkShell = _: nothing "shell";
      nixosOptionsDoc = _: { optionsJSON = nothing "options.json"; };
      testers.runNixOSTest = test: nothing "vm-test-run-${(test { hostPkgs = pkgs; }).name}";
    }
    // lib.genAttrs [
      "makeWrapper"
      "nixfmt"
      "nixfmt-tree"
      "shellcheck"
    ] nothing;
in
pkgs
