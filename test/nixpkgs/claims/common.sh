# shellcheck shell=sh
# For the claims: scripts that run inside a host as root and try what the README says, with real units.
# $all: the folder that systems.nix builds. Each prints "ok" or "FAIL" and the claim, and exits 1 after a failure.
: "${all:?}"
failures=0
# shellcheck disable=SC2034 # for the scripts
base_profile=$(readlink -f /nix/var/nix/profiles/system)
lock=/run/nixos/switch-to-configuration.lock

# stc SYSTEM [ACTION]: runs that system's program; its output goes to /tmp/o, its exit status to $rc.
stc() {
  system=$all/$1
  shift
  "$system/bin/switch-to-configuration" "$@" >/tmp/o 2>&1
  rc=$?
}
# claim WORDS CONDITION
claim() {
  if eval "$2"; then
    echo "ok   $1"
  else
    failures=$((failures + 1))
    echo "FAIL $1 (exit $rc)"
    sed 's/^/     | /' /tmp/o
  fi
}
end() { exit "$((failures > 0))"; }

says() { grep -qF -- "$1" /tmp/o; }
runs() { [ "$(readlink /run/current-system)" = "$(readlink -f "$all/$1")" ]; }
up() { systemctl is-active -q "$1"; }
pid() { systemctl show -P MainPID "$1"; }
no_unit_failed() { [ -z "$(systemctl --failed --plain --no-legend)" ]; }
lock_is_free() { flock -n "$lock" true; }

set_profile() { nix-env -p /nix/var/nix/profiles/system --set "$(readlink -f "$1")" 2>/dev/null; }
boot_files() { cat /boot/loader/loader.conf /boot/loader/entries/*; }
# systemd-boot's default entry starts the given toplevel.
boots() { grep -q "init=$(readlink -f "$1")/init " "/boot/loader/entries/$(sed -n 's/^default //p' /boot/loader/loader.conf)"; }
