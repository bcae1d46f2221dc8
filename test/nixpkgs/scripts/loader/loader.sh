# shellcheck shell=sh
# What the boot loader scripts share.

profiles=/nix/var/nix/profiles
wanted_blobs=

# Generation numbers of the system profile, oldest first.
generations() {
  for link in "$profiles"/system-*-link; do
    [ -e "$link/init" ] || continue
    number=${link#"$profiles/system-"}
    echo "${number%-link}"
  done | sort -n
}

toplevel_of() { readlink -f "$profiles/system-$1-link"; }

label_of() { cat "$1/nixos-version" 2>/dev/null || echo unknown; }

# From a temporary file by rename, so that a crash leaves the old file or the new one.
put() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.tmp"
  sync "$1.tmp"
  mv -f "$1.tmp" "$1"
}

# /nix/store/HASH-linux-6.12/bzImage -> HASH-linux-6.12-bzImage
blob_name() { readlink -f "$1" | sed -e 's|^/nix/store/||' -e 's|/|-|g'; }

# Copies a kernel or initrd to directory $2 unless it is there; suffix $3 as the loader wants it.
copy_blob() {
  blob=$2/$(blob_name "$1")${3-}
  wanted_blobs="$wanted_blobs $blob"
  [ ! -e "$blob" ] || return 0
  mkdir -p "$2"
  cp -L "$1" "$blob.tmp" && sync "$blob.tmp" && mv -f "$blob.tmp" "$blob"
}

remove_unwanted_blobs() {
  for blob in "$1"/*; do
    case " $wanted_blobs " in
    *" $blob "*) ;;
    *) rm -f "$blob" ;;
    esac
  done
}
