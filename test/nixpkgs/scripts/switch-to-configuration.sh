#!/bin/sh
# <toplevel>/bin/switch-to-configuration ACTION, after NixOS's of 26.05, with real units.
# Exit: 0 done, 1 usage, check, loader or internal error, 2 activation failed, 4 units failed,
# 11 lock held, 100 reboot needed.
out=@out@
PATH=@tools@/bin
export PATH
umask 022
# shellcheck source=/dev/null
. "$out/shaped/settings"
for part in units plan act; do
  # shellcheck source=/dev/null
  . "$out/shaped/$part.sh"
done

say() { printf '%s\n' "$*" >&2; }

usage() {
  # shellcheck disable=SC2154 # settings
  if [ "$old_stc" ]; then
    say "Usage: switch-to-configuration [switch|boot|test|dry-activate]"
  else
    say "Usage: switch-to-configuration [check|switch|boot|test|dry-activate]"
    say "check:        run pre-switch checks and exit"
  fi
  say "switch:       make the configuration the boot default and activate now"
  say "boot:         make the configuration the boot default"
  say "test:         activate the configuration, but don't make it the boot default"
  say "dry-activate: show what would be done if this configuration were activated"
  exit 1
}

main() {
  action=${1-}
  case $action in
  check) [ -z "$old_stc" ] || usage ;;
  switch | boot | test | dry-activate) ;;
  *) usage ;;
  esac
  if [ "$(id -u)" != 0 ]; then
    say "Error: switch-to-configuration must be run as the root user"
    exit 1
  fi
  export NIXOS_ACTION="$action"
  # shellcheck disable=SC2154
  [ -z "$ignores_sigterm" ] || trap '' TERM

  require_nixos
  take_lock
  run_checks
  [ "$action" != check ] || exit 0
  case $action in switch | boot) install_bootloader ;; esac
  [ "${NIXOS_NO_SYNC-}" = 1 ] || sync -f /nix/store
  [ "$action" != boot ] || exit 0
  compare_init
  require_dbus

  plan_units
  if [ "$action" = dry-activate ]; then
    tell_plan
    exit 0
  fi

  stop_units
  activate
  reload_systemd
  reload_units
  restart_units
  start_units
  judge_units
  exit "${code:?}"
}

require_nixos() {
  # A chroot that is being installed: nixos-install makes this file, and the first `boot` follows.
  [ -d /run/systemd/system ] || touch /etc/NIXOS
  if [ ! -f /etc/NIXOS ] && ! grep -qE '^ID="?nixos"?$' /etc/os-release; then
    say "This is not a NixOS installation!"
    exit 1
  fi
}

# NixOS opens the lock close-on-exec. sh cannot, so every child that may live long gets 9>&-.
take_lock() {
  mkdir -p /run/nixos
  chmod 755 /run/nixos
  if ! (: >>/run/nixos/switch-to-configuration.lock) 2>/dev/null; then
    say "Could not open lock"
    exit 1
  fi
  exec 9>>/run/nixos/switch-to-configuration.lock
  if ! flock -n 9; then
    say "Could not acquire lock"
    exit 11 # errno EAGAIN
  fi
}

run_checks() {
  [ "${NIXOS_NO_CHECK-}" != 1 ] || return 0
  if ! "$out/shaped/pre-switch-checks" "$out" "$action" 9>&-; then
    say "Pre-switch checks failed"
    exit 1
  fi
}

install_bootloader() {
  if ! "$out/shaped/install-bootloader" "$out" 9>&-; then
    say "Failed to install bootloader"
    exit 1
  fi
}

compare_init() {
  if [ "$(cat /run/current-system/init-interface-version 2>/dev/null)" != "$(cat "$out/init-interface-version")" ]; then
    say "Warning: the new NixOS configuration has an 'init' that is"
    say "incompatible with the current configuration.  The new configuration"
    say "won't take effect until you reboot the system."
    say ""
    exit 100
  fi
}

# NixOS talks to systemd over the system bus only: without it, nothing is activated.
require_dbus() {
  if ! busctl --timeout=5 call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
    org.freedesktop.DBus.Peer Ping 9>&- >/dev/null 2>&1; then
    say "Error: Failed to open dbus connection"
    exit 1
  fi
}

main "$@"
