# shellcheck shell=sh
# $toplevel/sw: links to every program, and this system's own nixos-version.
: "${out:?}" "${tools:?}" "${nixosVersion:?}" "${label:?}" "${standIns:?}"
mkdir -p "$out/bin"
for package in $tools ${packages-}; do
  [ ! -d "$package/bin" ] || ln -sf "$package"/bin/* "$out/bin/"
done
ln -s "$tools/lib" "$out/lib"

sed -e "1s|.*|#!$tools/bin/sh|" -e "s|@label@|$label|" -e "s|@revision@|${revision-}|" \
  "$nixosVersion" >"$out/bin/nixos-version"
chmod 555 "$out/bin/nixos-version"

# Programs that the real system has and that would refuse to work here, or that nothing here provides.
for program in $standIns; do
  # The name without the hash and the ending: bootctl.
  name=${program##*/}
  name=${name#*-}
  name=${name%.sh}
  rm -f "$out/bin/$name"
  sed -e "1s|.*|#!$tools/bin/sh|" -e "s|@tools@|$tools|g" "$program" >"$out/bin/$name"
  chmod 555 "$out/bin/$name"
done
