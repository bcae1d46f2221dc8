# shellcheck shell=sh
# generic-extlinux-compatible: the label nixos-default is $toplevel, whatever the profile says.
: "${toplevel:?}"

blobs=/boot/nixos

write_boot_files() {
  for system in "$toplevel" $(for g in $(generations); do toplevel_of "$g"; done); do
    copy_blob "$system/kernel" "$blobs"
    copy_blob "$system/initrd" "$blobs"
  done
  {
    cat <<'HEADER'
# Generated file, all changes will be lost on nixos-rebuild!

# Change this to e.g. nixos-42 to temporarily boot to an older configuration.
DEFAULT nixos-default

MENU TITLE ------------------------------------------------------------
TIMEOUT 50
HEADER
    entry default "$toplevel" "NixOS - Default"
    for generation in $(generations | sort -rn | head -n 20); do
      system=$(toplevel_of "$generation")
      date=$(date -d "@$(stat -c %Z "$system")" '+%Y-%m-%d %H:%M')
      entry "$generation" "$system" "NixOS - Configuration $generation ($date - $(label_of "$system"))"
    done
  } | put /boot/extlinux/extlinux.conf
  remove_unwanted_blobs "$blobs"
}

entry() {
  cat <<ENTRY

LABEL nixos-$1
  MENU LABEL $3
  LINUX ../nixos/$(blob_name "$2/kernel")
  INITRD ../nixos/$(blob_name "$2/initrd")
  APPEND init=$2/init $(cat "$2/kernel-params")
ENTRY
}
