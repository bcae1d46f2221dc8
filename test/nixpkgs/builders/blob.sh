# shellcheck shell=sh
# A stand-in for a kernel, an initrd or modules: a file of the wanted size that begins with its name.
: "${out:?}" "${name:?}" "${file:?}" "${sizeKiB:?}"
mkdir -p "$(dirname "$out/$file")"
# Real zeros: a file with holes would take no space in /boot.
{
  printf '%s\n' "$name"
  head -c "$((sizeKiB * 1024))" /dev/zero
} | head -c "$((sizeKiB * 1024))" >"$out/$file"
