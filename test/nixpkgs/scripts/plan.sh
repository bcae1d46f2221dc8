#!/bin/sh
# The plan of switch-to-configuration, sourced by it: which units are to be stopped, reloaded,
# restarted and started. As in NixOS only active units with a file of ours are compared.
: "${out:?}" "${action:=}"

new_units=$out/etc/systemd/system
start_list=/run/nixos/start-list
restart_list=/run/nixos/restart-list
reload_list=/run/nixos/reload-list
stop='' skip='' restart='' reload='' start='' quiet_start=''

plan_units() {
  old_units=$(readlink -f /etc/static/systemd/system || echo /nowhere)
  start=$(recorded "$start_list")
  restart=$(recorded "$restart_list")
  reload=$(recorded "$reload_list")
  states=$(unit_states)
  while read -r unit state _; do
    case $state in active | activating) ;; *) continue ;; esac
    current=$(unit_file "$old_units" "$unit")
    # Debian's and transient units have no file there, and are not ours to touch.
    [ -e "$current" ] || continue
    [ -L "/etc/systemd/system/${current##*/}" ] || continue
    plan_unit "$unit" "$current" "$(unit_file "$new_units" "$unit")"
  done <<STATES
$states
STATES

  # shaped.stopsSshd: as if sshd were gone from the configuration, or back in it.
  # shellcheck disable=SC2154
  if [ "$stops_sshd" ]; then
    for unit in ssh.service ssh.socket; do
      ! is_active "$unit" || stop="$stop $unit"
    done
  elif [ -e /run/nixos/shaped-stopped-sshd ]; then
    quiet_start="$quiet_start ssh.service"
  fi
}

plan_unit() {
  if [ ! -e "$3" ]; then
    ! flag "$2" X-StopOnRemoval yes || stop="$stop $1"
    return
  fi
  case $1 in
  *.target) return ;;
  esac
  case $(compare_units "$2" "$3") in
  reload)
    reload="$reload $1"
    record "$reload_list" "$1"
    ;;
  restart) plan_changed_unit "$1" "$3" ;;
  esac
}

plan_changed_unit() {
  case $1 in
  *.path | *.slice | *.socket) return ;; # NixOS leaves these to daemon-reload
  esac
  if flag "$2" X-ReloadIfChanged no; then
    reload="$reload $1"
    record "$reload_list" "$1"
  elif ! flag "$2" X-RestartIfChanged yes || flag "$2" RefuseManualStop no || flag "$2" X-OnlyManualStart no; then
    skip="$skip $1"
  elif [ "${1%.service}" = "$1" ] || ! flag "$2" X-StopIfChanged yes; then
    restart="$restart $1"
    record "$restart_list" "$1"
  else
    stop="$stop $1"
    start="$start $1"
    record "$start_list" "$1"
  fi
}

tell_plan() {
  [ -z "$stop" ] || say "would stop the following units: $(commas "$stop")"
  [ -z "$skip" ] || say "would NOT stop the following changed units: $(commas "$skip")"
  say "would activate the configuration..."
  "$out/dry-activate" "$out" 9>&-
  [ -z "$reload" ] || say "would reload the following units: $(commas "$reload")"
  [ -z "$restart" ] || say "would restart the following units: $(commas "$restart")"
  [ -z "$start" ] || say "would start the following units: $(commas "$start")"
}

# Kept on disk, so that a run after an interrupted one finishes its work.
record() {
  [ "$action" = dry-activate ] || printf '%s\n' "$2" >>"$1"
}
recorded() { [ ! -e "$1" ] || sort -u "$1" | tr '\n' ' '; }
