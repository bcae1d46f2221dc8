#!/bin/sh
# The bootloader step. NixOS writes the entries from the generations of the system profile, so a
# system that is in no generation gets no entry and does not become the default (nixpkgs#189966).
# Argument: the toplevel that is to be the default.
PATH=@tools@/bin
export PATH
set -eu
# shellcheck disable=SC2034 # read by the loader scripts
toplevel=$1
shaped=@out@/shaped
# shellcheck source=/dev/null
. "$shaped/settings"

# shellcheck disable=SC2154
if [ "$loader_fails" ]; then
  echo "error: no space left on the boot partition (shaped.loaderFails)" >&2
  exit 1
fi

# shellcheck source=/dev/null
. "$shaped/loader.sh"
# shellcheck source=/dev/null disable=SC2154
. "$shaped/$loader.sh"
write_boot_files

# NixOS has the loader's own program install it then.
[ "${NIXOS_INSTALL_BOOTLOADER-0}" != 1 ] || echo "$toplevel" >>/boot/installed

# The firmware starts the loader that was installed last: the others' files would only mislead.
case $loader in
systemd-boot) [ ! -e /boot/loader/loader.conf ] || rm -f /boot/grub/grub.cfg /boot/extlinux/extlinux.conf ;;
grub) rm -f /boot/loader/loader.conf /boot/extlinux/extlinux.conf ;;
extlinux) rm -f /boot/loader/loader.conf /boot/grub/grub.cfg ;;
esac
