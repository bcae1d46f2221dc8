#!/bin/sh
# PID 1 of a test host until the system takes over: plays firmware and boot loader. Reads the default entry of
# whichever boot loader's files exist and executes its init=, as the kernel would. An entry that is set for one boot
# (systemd-boot: the EFI variable LoaderEntryOneShot, GRUB: next_entry) goes before it, and is forgotten with this boot.
# Nothing to boot: the host stays off.
set -u
boot=${1:-/boot}
once=${2:-once}
variables=/sys/firmware/efi/efivars
vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f

# Standard error is the console.
say() { echo "fleet-loader: $*" >&2; }

# The init= word of the kernel parameters on standard input.
init_parameter() {
  tr -s '[:blank:]' '\n' | sed -n 's/^init=//p' | head -n 1
}

# extlinux: the APPEND line of the label that DEFAULT names.
extlinux_init() {
  awk '
    toupper($1) == "DEFAULT" { wanted = $2 }
    toupper($1) == "LABEL" { label = $2 }
    toupper($1) == "APPEND" { $1 = ""; append[label] = $0; if (first == "") first = label }
    END { if (wanted == "") wanted = first; print append[wanted] }
  ' "$boot/extlinux/extlinux.conf" | init_parameter
}

# GRUB: the linux line of the menu entry whose number (from 0) or title is the default; the first without one. 1>0 is the
# first entry within the second one of the outermost level, which is a submenu.
grub_init() {
  next=
  if [ "$once" = once ]; then next=$(next_entry); fi
  awk -v next_entry="$next" '
    /^[ \t]*set[ \t]+default=/ {
      value = $0; sub(/^[^=]*=/, "", value); gsub(/["\047]/, "", value)
      if (value !~ /^\$/) wanted = value
    }
    /^[ \t]*(menuentry|submenu)[ \t]/ {
      path = (depth == 1 ? outer ">" inner++ : outermost++)
      title = $0; sub(/^[^"\047]*["\047]/, "", title); sub(/["\047].*$/, "", title)
      titles[title] = path
      if ($1 == "submenu") { outer = path; inner = 0; depth = 1; next }
    }
    /^[}]/ && !in_entry { depth = 0 }
    /^[ \t]*menuentry[ \t]/ { in_entry = 1 }
    /^[}]/ { in_entry = 0 }
    /^[ \t]*linux(16|efi)?[ \t]/ { linux[path] = $0 }
    END {
      if (next_entry != "") wanted = next_entry
      if (wanted == "") wanted = 0
      if (!(wanted in linux) && (wanted in titles)) wanted = titles[wanted]
      print linux[wanted]
    }
  ' "$boot/grub/grub.cfg" | init_parameter
}

# What grub.cfg does itself: load_env, and save_env once it is cleared.
next_entry() {
  sed -n 's/^next_entry=//p' "$boot/grub/grubenv" 2>/dev/null | head -n 1
  if [ -e "$boot/grub/grubenv" ]; then sed -i '/^next_entry=/d' "$boot/grub/grubenv"; fi
}

# systemd-boot: the options line of the entry that the variable or "default" in loader.conf names (with or without .conf).
systemd_boot_init() {
  entry=$(sed -n 's/^default[ \t][ \t]*//p' "$boot/loader/loader.conf" | tail -n 1)
  if [ "$once" = once ] && [ -e "$variables/LoaderEntryOneShot-$vendor" ]; then
    wished=$(tail -c +5 "$variables/LoaderEntryOneShot-$vendor" | tr -d '\000')
    rm -f "$variables/LoaderEntryOneShot-$vendor"
    # An entry that is not there is passed over.
    if [ -e "$boot/loader/entries/${wished%.conf}.conf" ]; then entry=$wished; fi
  fi
  entry=${entry%.conf}.conf
  if [ ! -e "$boot/loader/entries/$entry" ]; then
    say "the default entry $entry is not in $boot/loader/entries"
    return 1
  fi
  if [ "$once" = once ]; then printf '\007\000\000\000s\000d\000\000\000' >"$variables/LoaderInfo-$vendor"; fi
  sed -n 's/^options[ \t]//p' "$boot/loader/entries/$entry" | init_parameter
}

# The firmware's variables outlive a boot. Nothing of the real machine's is seen.
firmware() {
  mount -t tmpfs -o mode=755 tmpfs /sys/firmware || return
  mkdir -p "$variables" /var/lib/fleet/efivars
  mount --bind /var/lib/fleet/efivars "$variables"
  # Written by a systemd-boot that boots.
  rm -f "$variables/LoaderInfo-$vendor"
}

default_init() {
  if [ -e "$boot/extlinux/extlinux.conf" ]; then extlinux_init
  elif [ -e "$boot/grub/grub.cfg" ]; then grub_init
  elif [ -e "$boot/loader/loader.conf" ]; then systemd_boot_init
  else say "no boot loader's files in $boot" >&2; return 1; fi
}

if [ "$once" = once ]; then firmware; fi
init=$(default_init)
# Asked only what its default is: facts.sh does.
if [ "$once" = print ]; then echo "$init"; exit 0; fi
if [ -z "$init" ]; then say "no default entry with init= in $boot: this host does not boot"; exit 1; fi
if [ ! -x "$init" ]; then say "cannot execute $init: this host does not boot"; exit 1; fi
say "booting $init"
exec "$init"
