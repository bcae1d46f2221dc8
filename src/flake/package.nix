# The package: dist as `npm run build` makes it, and of node_modules what it runs with. Nothing of Nix, git or ssh is in
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

  # What makes the program. The other development dependencies check and test it, in hundreds of megabytes for all
  # platforms; and the optional ones are a native accelerator of ssh2's, which would have to be compiled.
  compilers = [
    "@types/node"
    "@types/ssh2"
    "typescript"
    "undici-types"
  ];
  isCompiler = path: builtins.any (name: lib.hasPrefix "node_modules/${name}/" "${path}/") compilers;
  isWanted = path: entry: !(entry.optional or false) && (!(entry.dev or false) || isCompiler path);
  forBuild =
    manifest:
    removeAttrs manifest [ "optionalDependencies" ]
    // lib.optionalAttrs (manifest ? devDependencies) {
      devDependencies = lib.filterAttrs (name: _: builtins.elem name compilers) manifest.devDependencies;
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
        (root + "/tsconfig.build.json")
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
    cp -r --parents ${toString manifest.files} LICENSE node_modules $home
    cp $src/package.json $home

    # What only compilers and people read; and npm's own notes, which name the store paths of the tarballs.
    cd $home/node_modules
    rm -r .bin .package-lock.json ${toString compilers} zod/src
    rm -rf */test */examples
    find . -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' -o -name '*.md' | xargs rm
    find zod -name '*.cjs' | xargs rm
    find . -depth -type d -empty -exec rmdir {} +
    cd -

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
