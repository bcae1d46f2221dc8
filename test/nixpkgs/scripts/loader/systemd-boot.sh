# shellcheck shell=sh
# systemd-boot: an entry for each generation; the default is the generation that is $toplevel.
: "${toplevel:?}" "${profiles:?}"

blobs=/boot/EFI/nixos

write_boot_files() {
  default=
  entries=
  for generation in $(generations); do
    system=$(toplevel_of "$generation")
    copy_blob "$system/kernel" "$blobs" .efi
    copy_blob "$system/initrd" "$blobs" .efi
    entry "$generation" "$system" | put "/boot/loader/entries/nixos-generation-$generation.conf"
    entries="$entries nixos-generation-$generation.conf"
    [ "$system" != "$toplevel" ] || default=nixos-generation-$generation.conf
  done
  if [ "$default" ]; then
    printf 'timeout 5\ndefault %s\nconsole-mode keep\n' "$default" | put /boot/loader/loader.conf
  fi

  for file in /boot/loader/entries/nixos-generation-*.conf; do
    case " $entries " in
    *" ${file##*/} "*) ;;
    *) rm -f "$file" ;;
    esac
  done
  remove_unwanted_blobs "$blobs"
}

entry() {
  cat <<ENTRY
title NixOS
sort-key nixos
version Generation $1 NixOS $(label_of "$2"), built on $(date -d "@$(stat -c %Z "$profiles/system-$1-link")" +%F)
linux /EFI/nixos/$(blob_name "$2/kernel").efi
initrd /EFI/nixos/$(blob_name "$2/initrd").efi
options init=$2/init $(cat "$2/kernel-params")
ENTRY
  [ ! -s /etc/machine-id ] || echo "machine-id $(cat /etc/machine-id)"
}
