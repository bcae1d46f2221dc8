# The package: dist as `npm run build` makes it, which needs nothing beside it but Node. Nothing of Nix, git or ssh is in
# its closure: those are the user's own, whose settings and keychain go with them.
{
  lib,
  buildNpmPackage,
  importNpmLock,
  makeWrapper,
  nodejs,
}:
let
  root = ../..;
  manifest = lib.importJSON (root + "/package.json");
  lock = lib.importJSON (root + "/package-lock.json");

  # What only checks and tests the program, in hundreds of megabytes for all platforms. Optional are native programs, and
  # accelerators that would have to be compiled.
  tools = [
    "@biomejs/biome"
    "@types/node"
    "@types/ssh2"
    "ajv"
    "esbuild"
    "fast-deep-equal"
    "fast-uri"
    "json-schema-traverse"
    "require-from-string"
    "tsx"
    "typescript"
    "undici-types"
    "yaml"
  ];
  isTool = path: builtins.any (name: lib.hasPrefix "node_modules/${name}/" "${path}/") tools;
  isWanted = path: entry: !(entry.optional or false) && !isTool path;
  forBuild =
    manifest:
    removeAttrs manifest [ "optionalDependencies" ]
    // lib.optionalAttrs (manifest ? devDependencies) {
      devDependencies = removeAttrs manifest.devDependencies tools;
    };
in
assert lib.versionAtLeast nodejs.version "20.19";
buildNpmPackage {
  pname = manifest.name;
  inherit (manifest) version;

  src = lib.fileset.toSource {
    inherit root;
    fileset = lib.fileset.unions (
      [
        (root + "/LICENSE")
        (root + "/package.json")
        (root + "/package-lock.json")
        (root + "/src")
        (root + "/tsconfig.json")
      ]
      # Of these, dist is built.
      ++ map (path: lib.fileset.maybeMissing (root + "/${path}")) manifest.files
    );
  };

  inherit nodejs;
  nativeBuildInputs = [ makeWrapper ];
  npmDeps = importNpmLock {
    package = forBuild manifest;
    packageLock = lock // {
      packages = builtins.mapAttrs (_: forBuild) (lib.filterAttrs isWanted lock.packages);
    };
  };
  npmConfigHook = importNpmLock.npmConfigHook;
  npmRebuildFlags = [ "--ignore-scripts" ];

  # The scripts go to hosts as they are: no path of this store may come into them.
  dontPatchShebangs = true;

  installPhase = ''
    runHook preInstall
    home=$out/lib/flurry
    mkdir -p $home
    cp -r --parents ${toString manifest.files} LICENSE $home
    cp $src/package.json $home

    makeWrapper ${lib.getExe nodejs} $out/bin/flurry --add-flags $home/bin/flurry.js
    for shown in \
      docs/flurry.1:man/man1/flurry.1 \
      src/cli/completions/flurry.bash:bash-completion/completions/flurry.bash \
      src/cli/completions/flurry.zsh:zsh/site-functions/_flurry \
      src/cli/completions/flurry.fish:fish/vendor_completions.d/flurry.fish; do
      if [ -e ''${shown%%:*} ]; then install -Dm 644 ''${shown%%:*} $out/share/''${shown#*:}; fi
    done
    runHook postInstall
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    [ "$($out/bin/flurry --version)" = "flurry ${manifest.version}" ]
    $out/bin/flurry --help >/dev/null
  '';

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "flurry";
    platforms = lib.platforms.unix;
  };
}
