#!/bin/sh
# A stand-in for GRUB's grub-reboot [--boot-directory=DIR] ENTRY: keeps the entry as next_entry in the environment block
# grub/grubenv (1024 bytes, filled up with #), which is made where it is missing. The loader takes it once.
PATH=@tools@/bin
export PATH
set -eu
boot=/boot
case ${1-} in
--boot-directory=*)
  boot=${1#*=}
  shift
  ;;
esac
if [ "$#" != 1 ] || [ -z "$1" ]; then
  echo "usage: grub-reboot [--boot-directory=DIR] MENU_ENTRY" >&2
  exit 1
fi
block=$boot/grub/grubenv
others=$(sed -e '/^#/d' -e '/^next_entry=/d' "$block" 2>/dev/null || true)
{
  printf '# GRUB Environment Block\n'
  [ -z "$others" ] || printf '%s\n' "$others"
  printf 'next_entry=%s\n' "$1"
  printf '%1024s' '' | tr ' ' '#'
} | head -c 1024 >"$block.tmp"
mv -f "$block.tmp" "$block"
