#!/bin/sh
# The pre-switch check switchInhibitors: a key that both systems have must have the same value.
# Arguments: the new toplevel, the action.
PATH=@tools@/bin
export PATH
new=$1/switch-inhibitors
running=/run/current-system/switch-inhibitors

case "$2" in
boot | dry-activate)
  echo "Not checking switch inhibitors (action = $2)" >&2
  exit 0
  ;;
esac
[ -f "$new" ] && [ -f "$running" ] || exit 0

# {"a":"b","c":"d"} -> lines of key, tab, value. The file is written by builtins.toJSON.
pairs() {
  sed -e 's/^{"//' -e 's/"}$//' -e 's/","/\n/g' "$1" | sed 's/":"/\t/'
  echo
}

echo "Checking switch inhibitors..." >&2
changed=$({
  pairs "$running"
  echo "==="
  pairs "$new"
} | awk -F '\t' '
  $0 == "===" { second = 1; next }
  !second { old[$1] = $2; next }
  $1 != "" && ($1 in old) && old[$1] != $2 { print $1 " : " old[$1] " -> " $2 }')

[ "$changed" ] || exit 0
cat >&2 <<MESSAGE

There are changes to critical components of the system:

$changed

The running system cannot be switched to this one safely.
Make it the boot default (boot) and reboot, or set NIXOS_NO_CHECK=1.
MESSAGE
exit 1
