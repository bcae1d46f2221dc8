# What a package asks of nixpkgs' lib beyond test/nixpkgs. A file set is honoured: a file that it lacks is not there.
lib:
let
  b = builtins;
  absent = { };
in
{
  importJSON = path: b.fromJSON (b.readFile path);
  versionAtLeast = version: least: b.compareVersions version least >= 0;
  licenses.mit.spdxId = "MIT";
  platforms.unix = [ ];
  fileset = {
    maybeMissing = path: if b.pathExists path then path else absent;
    unions =
      paths:
      map (path: if b.pathExists path then path else throw "no such file: ${toString path}") (
        b.filter (path: path != absent) paths
      );
    toSource =
      { root, fileset }:
      b.path {
        path = root;
        name = "source";
        filter =
          path: _:
          b.any (
            wanted:
            let
              one = toString wanted + "/";
            in
            lib.hasPrefix one (path + "/") || lib.hasPrefix (path + "/") one
          ) fileset;
      };
  };
}
