# The part of nixpkgs' lib that small flakes use.
let
  b = builtins;
  override = priority: content: {
    _type = "override";
    inherit priority content;
  };
  # Types are accepted and not checked: every type, and every type function, is one opaque value.
  anyType = {
    _type = "option-type";
    __functor = _: _: anyType;
  };
  lib = {
    inherit (b)
      attrNames
      attrValues
      concatLists
      concatMap
      concatStringsSep
      elem
      filter
      genList
      hasAttr
      head
      isAttrs
      isBool
      isFunction
      isList
      isString
      length
      listToAttrs
      map
      mapAttrs
      readFile
      replaceStrings
      toJSON
      ;

    genAttrs = names: f: b.listToAttrs (b.map (name: lib.nameValuePair name (f name)) names);
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = f: set: b.listToAttrs (b.map (n: f n set.${n}) (b.attrNames set));
    mapAttrsToList = f: set: b.map (n: f n set.${n}) (b.attrNames set);
    filterAttrs = keep: set: b.removeAttrs set (b.filter (n: !keep n set.${n}) (b.attrNames set));
    attrByPath =
      path: default: set:
      if path == [ ] then
        set
      else if b.isAttrs set && set ? ${b.head path} then
        lib.attrByPath (b.tail path) default set.${b.head path}
      else
        default;
    recursiveUpdate =
      old: new:
      old
      // b.mapAttrs (
        n: v: if b.isAttrs v && b.isAttrs (old.${n} or null) then lib.recursiveUpdate old.${n} v else v
      ) new;
    optional = cond: x: if cond then [ x ] else [ ];
    optionals = cond: xs: if cond then xs else [ ];
    optionalAttrs = cond: set: if cond then set else { };
    optionalString = cond: s: if cond then s else "";
    flatten = x: if b.isList x then b.concatMap lib.flatten x else [ x ];
    unique = b.foldl' (seen: x: if b.elem x seen then seen else seen ++ [ x ]) [ ];
    range = from: to: if from > to then [ ] else b.genList (n: from + n) (to - from + 1);
    imap0 = f: xs: b.genList (n: f n (b.elemAt xs n)) (b.length xs);
    concatStrings = b.concatStringsSep "";
    concatLines = lines: lib.concatStrings (b.map (l: l + "\n") lines);
    concatMapStrings = f: xs: lib.concatStrings (b.map f xs);
    concatMapStringsSep = sep: f: xs: b.concatStringsSep sep (b.map f xs);
    splitString = sep: s: b.filter b.isString (b.split (lib.escapeRegex sep) s);
    escapeRegex = b.replaceStrings [ "." "*" "+" "?" "|" "(" ")" "[" "$" "^" ] [ "\\." "\\*" "\\+" "\\?" "\\|" "\\(" "\\)" "\\[" "\\$" "\\^" ];
    escapeShellArg = s: "'${b.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
    hasPrefix = p: s: b.substring 0 (b.stringLength p) s == p;
    removePrefix = p: s: if lib.hasPrefix p s then b.substring (b.stringLength p) (-1) s else s;
    boolToString = x: if x then "true" else "false";
    makeBinPath = lib.concatMapStringsSep ":" (p: "${p}/bin");
    getExe = p: "${p}/bin/${p.meta.mainProgram or p.pname or p.name}";
    getExe' = p: name: "${p}/bin/${name}";
    isDerivation = x: b.isAttrs x && (x.type or null) == "derivation";
    id = x: x;
    trivial.release = "26.05";
    version = "26.05.20261101.shaped";

    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    mkMerge = contents: {
      _type = "merge";
      inherit contents;
    };
    mkOverride = override;
    mkForce = override 50;
    mkDefault = override 1000;
    mkBefore = lib.id;
    mkAfter = lib.id;
    mkOption = spec: spec // { _type = "option"; };
    mkEnableOption =
      description:
      lib.mkOption {
        inherit description;
        default = false;
      };
    types = lib.genAttrs [
      "anything"
      "attrs"
      "attrsOf"
      "bool"
      "either"
      "enum"
      "int"
      "lines"
      "listOf"
      "nullOr"
      "package"
      "path"
      "port"
      "raw"
      "str"
      "submodule"
      "unspecified"
    ] (_: anyType);

    evalModules = import ./module-system.nix { inherit lib; };
    nixosSystem = import ./nixos-system.nix { inherit lib; };
  };
in
lib
