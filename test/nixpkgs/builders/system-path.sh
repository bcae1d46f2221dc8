# shellcheck shell=sh
# $toplevel/sw: links to every program, and this system's own nixos-version.
: "${out:?}" "${tools:?}" "${nixosVersion:?}" "${label:?}"
mkdir -p "$out/bin"
for package in $tools ${packages-}; do
  [ ! -d "$package/bin" ] || ln -sf "$package"/bin/* "$out/bin/"
done
ln -s "$tools/lib" "$out/lib"

sed -e "1s|.*|#!$tools/bin/sh|" -e "s|@label@|$label|" -e "s|@revision@|${revision-}|" \
  "$nixosVersion" >"$out/bin/nixos-version"
chmod 555 "$out/bin/nixos-version"
