# shellcheck shell=sh
# Lays out the files that the manifest names: "text MODE KEY PATH" or "link - TARGET PATH".
# From the derivation: out, manifestPath, and one <KEY>Path for each text.
: "${out:?}" "${manifestPath:?}"
mkdir "$out"
while read -r kind mode value path; do
  mkdir -p "$out/$(dirname "$path")"
  case $kind in
  text)
    cp "$(printenv "${value}Path")" "$out/$path"
    chmod "$mode" "$out/$path"
    ;;
  link) ln -s "$value" "$out/$path" ;;
  esac
done <"$manifestPath"
