#!/bin/sh
# PID 1 of a test host until the system takes over: plays firmware and boot loader. Reads the default entry of
# whichever boot loader's files exist and executes its init=, as the kernel would. Nothing to boot: the host stays off.
set -u
boot=${1:-/boot}

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

# GRUB: the linux line of the menu entry whose number (from 0) or title is the default; the first without one.
grub_init() {
  awk '
    /^[ \t]*set[ \t]+default=/ { value = $0; sub(/^[^=]*=/, "", value); gsub(/["\047]/, "", value); wanted = value }
    /^[ \t]*menuentry[ \t]/ {
      number = entries++
      title = $0; sub(/^[^"\047]*["\047]/, "", title); sub(/["\047].*$/, "", title)
      titles[title] = number
    }
    /^[ \t]*linux(16|efi)?[ \t]/ { linux[number] = $0 }
    END {
      if (wanted == "") wanted = 0
      if (!(wanted in linux) && (wanted in titles)) wanted = titles[wanted]
      print linux[wanted]
    }
  ' "$boot/grub/grub.cfg" | init_parameter
}

# systemd-boot: the options line of the entry that "default" in loader.conf names (with or without .conf).
systemd_boot_init() {
  entry=$(sed -n 's/^default[ \t][ \t]*//p' "$boot/loader/loader.conf" | tail -n 1)
  entry=${entry%.conf}.conf
  if [ ! -e "$boot/loader/entries/$entry" ]; then
    say "the default entry $entry is not in $boot/loader/entries"
    return 1
  fi
  sed -n 's/^options[ \t]//p' "$boot/loader/entries/$entry" | init_parameter
}

default_init() {
  if [ -e "$boot/extlinux/extlinux.conf" ]; then extlinux_init
  elif [ -e "$boot/grub/grub.cfg" ]; then grub_init
  elif [ -e "$boot/loader/loader.conf" ]; then systemd_boot_init
  else say "no boot loader's files in $boot" >&2; return 1; fi
}

init=$(default_init)
# Asked only what it would boot: facts.sh does.
if [ "${2:-}" = print ]; then echo "$init"; exit 0; fi
if [ -z "$init" ]; then say "no default entry with init= in $boot: this host does not boot"; exit 1; fi
if [ ! -x "$init" ]; then say "cannot execute $init: this host does not boot"; exit 1; fi
say "booting $init"
exec "$init"
