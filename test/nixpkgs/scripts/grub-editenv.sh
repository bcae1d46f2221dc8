#!/bin/sh
# A stand-in for GRUB's grub-editenv FILE unset NAME: takes a variable out of the environment block, which keeps its
# 1024 bytes.
PATH=@tools@/bin
export PATH
set -eu
if [ "$#" != 3 ] || [ "$2" != unset ]; then
  echo "grub-editenv (shaped): only FILE unset NAME is known" >&2
  exit 1
fi
others=$(sed -e '/^#/d' -e "/^$3=/d" "$1")
{
  printf '# GRUB Environment Block\n'
  [ -z "$others" ] || printf '%s\n' "$others"
  printf '%1024s' '' | tr ' ' '#'
} | head -c 1024 >"$1.tmp"
mv -f "$1.tmp" "$1"
