# A module system in miniature. Like the real one it is lazy in conditions: `config = mkIf
# config.x.enable { … }` works, because a mkIf around a set is pushed down to the set's values.
# Unlike it, types are not checked, and any name may be set.
#
# modules -> args -> config. A value whose every definition is under a false mkIf is null.
{ lib }:
let
  isPlainSet = v: builtins.isAttrs v && !(v ? _type) && !(lib.isDerivation v);

  load =
    args: module:
    let
      value = if builtins.isPath module || builtins.isString module then import module else module;
      set = if builtins.isFunction value then value args else value;
      imported = builtins.concatMap (load args) (set.imports or [ ]);
      own =
        if set ? config || set ? options then
          set.config or { }
        else
          builtins.removeAttrs set [ "imports" "_file" "key" "meta" "disabledModules" ];
    in
    imported ++ [ (optionDefaults (set.options or { })) own ];

  # { a.b = mkOption { default = 1; }; } -> { a.b = <1, at the lowest priority>; }
  optionDefaults =
    options:
    builtins.mapAttrs (
      _: o:
      if (o._type or null) != "option" then
        optionDefaults o
      else
        {
          _type = "override";
          priority = 1500;
          content = if o ? default then o.default else lib.mkIf false null;
        }
    ) options;

  # A definition as a list of either { set } or leaves { cond, priority, value }.
  normalise =
    cond: priority: value:
    if isPlainSet value then
      [ { set = builtins.mapAttrs (_: v: wrap cond priority v) value; } ]
    else if (value._type or null) == "if" then
      normalise (cond && value.condition) priority value.content
    else if (value._type or null) == "override" then
      normalise cond value.priority value.content
    else if (value._type or null) == "merge" then
      builtins.concatMap (normalise cond priority) value.contents
    else
      [ { inherit cond priority value; } ];
  wrap = cond: priority: content: {
    _type = "if";
    condition = cond;
    content = if priority == 100 then content else lib.mkOverride priority content;
  };

  merge =
    definitions:
    let
      parts = builtins.concatMap (normalise true 100) definitions;
      sets = builtins.filter (p: p ? set) parts;
      leaves = builtins.filter (p: !(p ? set) && p.cond) parts;
    in
    if sets != [ ] then
      builtins.mapAttrs (_: merge) (builtins.zipAttrsWith (_: vs: vs) (map (p: p.set) sets))
    else
      mergeLeaves leaves;

  mergeLeaves =
    leaves:
    let
      best = builtins.foldl' (p: l: if l.priority < p then l.priority else p) 9999 leaves;
      values = map (l: l.value) (builtins.filter (l: l.priority == best) leaves);
      last = builtins.elemAt values (builtins.length values - 1);
    in
    if values == [ ] then
      null
    else if builtins.all builtins.isList values then
      builtins.concatLists values
    else
      last; # the real one throws for conflicting scalars

in
{
  modules,
  args,
}:
merge (builtins.concatMap (load args) modules)
