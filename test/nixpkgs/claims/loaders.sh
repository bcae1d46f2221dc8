#!/bin/sh
# The boot loaders' files. $1: the folder that systems.nix builds.
# shellcheck disable=SC2016,SC2034,SC2154 # claim evaluates conditions that are quoted once
all=$1
# shellcheck source=/dev/null
. "${0%/*}/common.sh"

before=$(boot_files)
stc web test
claim "test changes neither profile nor loader" \
  '[ $rc = 0 ] && [ "$(readlink -f /nix/var/nix/profiles/system)" = "$base_profile" ] && [ "$(boot_files)" = "$before" ]'
stc web boot
claim "a system in no generation changes no default, and exits 0" '[ $rc = 0 ] && boots "$base_profile"'
set_profile "$all/web"
stc web boot
claim "one in the profile does" '[ $rc = 0 ] && boots "$all/web" && runs web'
stc loaderFails test
claim "loaderFails does not matter to test" '[ $rc = 0 ]'
stc loaderFails boot
claim "but boot is 1" '[ $rc = 1 ] && says "Failed to install bootloader" && boots "$all/web"'

space=$(du -sk /boot | cut -f 1)
set_profile "$all/kernel2"
stc kernel2 boot
claim "a new kernel takes space in /boot" '[ $rc = 0 ] && [ $(($(du -sk /boot | cut -f 1) - space)) -ge 4000 ] && runs loaderFails'
claim "reboot needed can be seen" '[ "$(readlink /run/booted-system/kernel)" != "$(readlink /nix/var/nix/profiles/system/kernel)" ]'

cp -a /boot /var/tmp/boot
mount -t tmpfs -o size=5M tmpfs /boot
cp -a /var/tmp/boot/. /boot/
before=$(boot_files)
set_profile "$all/kernel3"
stc kernel3 boot
claim "a full /boot is 1, and what boots is as before" '[ $rc = 1 ] && [ "$(boot_files)" = "$before" ]'
umount /boot
rm -rf /var/tmp/boot

set_profile "$base_profile"
nix-env -p /nix/var/nix/profiles/system --delete-generations old 2>/dev/null
"$base_profile/bin/switch-to-configuration" boot 2>/dev/null
claim "the files of deleted generations go" '[ "$(ls /boot/EFI/nixos | wc -l)" = 2 ] && [ "$(ls /boot/loader/entries | wc -l)" = 1 ]'

stc grub boot
claim "GRUB" \
  '[ $rc = 0 ] && grep -q " init=$(readlink -f "$all/grub")/init " /boot/grub/grub.cfg && grep -q "set default=0" /boot/grub/grub.cfg'
stc extlinux boot
claim "extlinux" \
  '[ $rc = 0 ] && grep -q "APPEND init=$(readlink -f "$all/extlinux")/init " /boot/extlinux/extlinux.conf && [ ! -e /boot/grub/grub.cfg ]'
before=$(find /boot -type f -exec cat {} +)
stc none boot
claim "no loader" '[ $rc = 0 ] && [ "$(find /boot -type f -exec cat {} +)" = "$before" ]'
end
