#!/bin/sh
# What switch-to-configuration does once the plan stands, sourced by it; failures go to $code.
# shellcheck disable=SC2154,SC2034 # the lists are those of plan.sh, and $code is what the caller exits with
: "${out:?}" "${new_units:?}"
code=0

# jobs VERB UNITS: queues all at once, waits for all. NixOS names each job that failed.
jobs_of() {
  verb=$1
  shift
  errors=$(units_ctl "$verb" "$@" 2>&1) && return 0
  code=4
  printf '%s\n' "$errors" | sed -n \
    -e "s/^Job for \([^ ]*\) .*/Failed to $verb \1/p" \
    -e "s/^A dependency job for \([^ ]*\) failed.*/Failed to $verb \1/p" \
    -e '/^Failed to /p' >&2
}

# shellcheck disable=SC2086 # lists are words
stop_units() {
  if [ "$stop" ]; then
    say "stopping the following units: $(commas "$stop")"
    jobs_of stop $stop
  fi
  [ -z "$skip" ] || say "NOT restarting the following changed units: $(commas "$skip")"
}

activate() {
  say "activating the configuration..."
  if ! "$out/activate" "$out" 9>&-; then
    say "Failed to run activate script"
    code=2
  fi
  # shellcheck disable=SC2154
  [ "$test_hangs_seconds" = 0 ] || sleep "$test_hangs_seconds" 9>&-
}

reload_systemd() {
  units_ctl reset-failed
  if ! units_ctl daemon-reload; then
    say "Error: systemd daemon reload failed"
    exit 1
  fi
  say "restarting sysinit-reactivation.target"
  jobs_of restart sysinit-reactivation.target
}

# A unit that went down with something it requires is started instead: a reload would fail.
# shellcheck disable=SC2086
reload_units() {
  active=
  for unit in $reload; do
    if is_active "$unit"; then
      active="$active $unit"
    elif [ -e "$(unit_file "$new_units" "$unit")" ]; then
      start="$start $unit"
      record "$start_list" "$unit"
    fi
  done
  if [ "$active" ]; then
    say "reloading the following units: $(commas "$active")"
    jobs_of reload $active
  fi
  rm -f "$reload_list"
}

# shellcheck disable=SC2086
restart_units() {
  if [ "$restart" ]; then
    say "restarting the following units: $(commas "$restart")"
    jobs_of restart $restart
  fi
  rm -f "$restart_list"
}

# NixOS starts the active targets, silently, and they pull in what is new. Ours are Debian's targets, so
# what this system adds to them is started by name; only a target that *requires* it is started itself.
start_units() {
  for link in "$new_units"/*.wants/* "$new_units"/*.requires/*; do
    [ -L "$link" ] || continue
    directory=${link%/*}
    target=${directory##*/}
    case $target in
    *.wants) wanted=${link##*/} target=${target%.wants} ;;
    *) target=${target%.requires} wanted=${target} ;;
    esac
    is_active "$target" || continue
    has "$quiet_start" "$wanted" || [ "$target" != "$wanted" ] && is_active "$wanted" ||
      quiet_start="$quiet_start $wanted"
  done
  [ -z "$start" ] || say "starting the following units: $(commas "$start")"
  # shellcheck disable=SC2086
  [ -z "$start$quiet_start" ] || jobs_of start $start $quiet_start
  rm -f "$start_list"
  # shellcheck disable=SC2154
  [ "$stops_sshd" ] || rm -f /run/nixos/shaped-stopped-sshd
}

# NixOS waits for 250 ms without an event, 90 s at most: what fails later it does not see.
settled_states() {
  seen=$(unit_states)
  tries=0
  while [ "$tries" -lt 360 ]; do
    tries=$((tries + 1))
    sleep 0.25
    now=$(unit_states)
    [ "$now" != "$seen" ] || break
    seen=$now
  done
  printf '%s\n' "$seen"
}

judge_units() {
  failed='' started=''
  while read -r unit state sub; do
    if [ "$state" = failed ]; then
      failed="$failed $unit"
    elif [ "$sub" = auto-restart ] && [ "$(units_ctl show -P ExecMainStatus "$unit")" != 0 ]; then
      failed="$failed $unit"
    elif [ "$state" = active ] && ! was_known "$unit"; then
      started="$started $unit"
    fi
  done <<STATES
$(settled_states)
STATES
  [ -z "$started" ] || say "the following new units were started: $(commas "$started")"
  if [ "$failed" ]; then
    say "warning: the following units failed: $(commas "$failed")"
    # shellcheck disable=SC2086
    units_ctl status --no-pager --full $failed >&2
    code=4
  fi
}

# Known before: active or activating then. Scopes come and go by themselves.
was_known() {
  case $1 in *.scope | *.device | sysinit-reactivation.target) return 0 ;; esac
  case "
$states
" in
  *"
$1 active "* | *"
$1 activating "*) return 0 ;;
  esac
  return 1
}
