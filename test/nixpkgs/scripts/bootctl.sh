#!/bin/sh
# A stand-in for systemd's bootctl, which refuses to touch EFI variables in a container: only `set-oneshot ID`, which
# writes the variable LoaderEntryOneShot (four bytes of attributes, then UTF-16 with a final NUL). An empty ID removes
# it. As the real one it does not look whether there is such an entry, and wants to have been booted by systemd-boot.
PATH=@tools@/bin
export PATH
variables=/sys/firmware/efi/efivars
vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f

if [ "${1-}" != set-oneshot ] || [ "$#" != 2 ]; then
  echo "bootctl (shaped): only set-oneshot ID is known" >&2
  exit 1
fi
if [ ! -d /sys/firmware/efi ]; then
  echo "Not booted with UEFI." >&2
  exit 1
fi
if [ ! -e "$variables/LoaderInfo-$vendor" ]; then
  echo "Not booted with a supported boot loader." >&2
  exit 1
fi
variable=$variables/LoaderEntryOneShot-$vendor
if [ -z "$2" ]; then
  rm -f "$variable"
  exit
fi
{
  printf '\007\000\000\000'
  printf %s "$2" | sed 's/./&\n/g' | while IFS= read -r letter; do printf '%s\000' "$letter"; done
  printf '\000\000'
} >"$variable.tmp" && mv -f "$variable.tmp" "$variable"
