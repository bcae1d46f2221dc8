#!/bin/sh
# Runs inside a host (nsenter). $1: the base toplevel; $2: "note" once after the first boot, which keeps a copy of what
# is to be put back, or "reset", which puts it back. Prints the host's fingerprint, one "name=value" a line: equal
# fingerprints after note and reset mean that the host is as it was.
set -u
base=$1 mode=$2
export NIXOS_NO_CHECK=1 LC_ALL=C
keep=/var/lib/fleet
tracked='etc boot root home usr/local nix/var/nix/profiles nix/var/nix/gcroots'

# Not the folders per-user: systemd-tmpfiles and Nix disagree about their mode.
list_files() (
  cd / || exit
  # shellcheck disable=SC2086 # words on purpose
  find $tracked -xdev \( -type d -printf '%p|d|%m|%U\n' \) -o \( -type l -printf '%p|l|%l\n' \) \
    -o -printf '%p|%y|%m|%U|%s|%T@\n' | grep -v '/per-user|d|' | sort
)

# What is up and stays up: not what comes and goes by itself with logins and dbus calls.
list_units() {
  systemctl list-units --plain --no-legend --no-pager --state=active --type=service,socket,timer,path,mount,target |
    awk '{ print $1 }' |
    grep -Ev '^(user@|user-runtime-dir@|run-user-|run-credentials-|systemd-(hostnamed|timedated|localed)\.)' | sort
}

list_state_folders() { find /var/lib -mindepth 1 -maxdepth 1 ! -name fleet ! -name flurry | sort; }
list_store() { find /nix/store -mindepth 1 -maxdepth 1 ! -name '.*' | sort; }
list_mounts() { awk '{ print $2 }' /proc/mounts | grep -Ev '^/run/(user|credentials)/' | sort; }
# The first few lines in which standard input differs from the noted list.
differences() { comm -3 "$keep/$1" - | cut -d '|' -f 1 | tr -s '\t\n' '  ' | cut -c 1-300; }

end_transient_units() {
  rm -rf /run/flurry
  systemctl list-jobs --no-legend --no-pager 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1 }' |
    xargs -r systemctl cancel 2>/dev/null
  for round in 1 2 3 4 5; do
    units=$({
      systemctl list-units --all --plain --no-legend --no-pager 'flurry-*' | awk '{ print $1 }'
      find /run/systemd/transient -maxdepth 1 -type f \( -name '*.service' -o -name '*.timer' -o -name '*.scope' -o \
        -name '*.path' -o -name '*.socket' \) -printf '%f\n' 2>/dev/null | grep -v '^init\.scope$'
    } | sort -u)
    [ -n "$units" ] || break
    # One that is frozen can't be stopped; one that is stopped kindly could start others (ExecStopPost).
    # shellcheck disable=SC2086 # words on purpose
    { systemctl thaw $units; systemctl kill --signal=KILL $units; systemctl stop $units; systemctl reset-failed $units; } \
      2>/dev/null
    [ "$round" = 1 ] || sleep 0.05
  done
}

end_sessions() {
  pkill -KILL -x sshd-session
  pkill -KILL -f '^nix-daemon [0-9]'
}

put_files_back() {
  list_files >/run/fleet-files
  cmp -s "$keep/files" /run/fleet-files && return
  # New or changed: away, deepest first. Folders that are merely changed are not empty and stay.
  comm -13 "$keep/files" /run/fleet-files | cut -d '|' -f 1 | sort -r | while IFS= read -r path; do
    if [ -d "/$path" ] && [ ! -L "/$path" ]; then
      [ -d "$keep/copy/$path" ] || rmdir "/$path"
    else rm -f "/$path"; fi
  done 2>/dev/null
  # Lost or changed: back, parents first.
  comm -23 "$keep/files" /run/fleet-files | cut -d '|' -f 1 | sort | while IFS= read -r path; do
    if [ -d "$keep/copy/$path" ] && [ ! -L "$keep/copy/$path" ]; then
      mkdir -p "/$path" && chmod --reference="$keep/copy/$path" "/$path" && chown --reference="$keep/copy/$path" "/$path"
    else cp -a "$keep/copy/$path" "/$path"; fi
  done
  rm -rf /run/systemd/system.control /run/systemd/system.attached
  systemctl daemon-reload
}

put_units_back() {
  list_units >/run/fleet-units
  comm -13 "$keep/units" /run/fleet-units | xargs -r timeout 10 systemctl stop
  systemctl reset-failed
  comm -23 "$keep/units" /run/fleet-units | xargs -r timeout 10 systemctl start
}

put_folders_back() {
  rm -rf /run/flurry /var/lib/flurry /run/fleet-*
  list_state_folders | comm -13 "$keep/state-folders" - | xargs -r rm -rf
  find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' ! -name '.*-unix' -exec rm -rf {} +
}

# As if the base's systemd-boot had booted it, with no entry set for one boot.
put_firmware_back() {
  variables=/sys/firmware/efi/efivars
  rm -f $variables/*
  printf '\007\000\000\000s\000d\000\000\000' >$variables/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
}

put_store_back() {
  list_store | cmp -s "$keep/store" - && return
  NIX_REMOTE=local nix-store --gc >/dev/null 2>&1
}

case $mode in
note)
  mkdir -p "$keep/copy" && chmod 700 "$keep"
  list_files >"$keep/files"
  (cd / && for folder in $tracked; do mkdir -p "$keep/copy/${folder%/*}" && cp -a --parents "$folder" "$keep/copy/"; done)
  list_units >"$keep/units"
  list_state_folders >"$keep/state-folders"
  list_store >"$keep/store"
  list_mounts >"$keep/mounts"
  ;;
reset)
  end_transient_units
  end_sessions
  # The base's own idea of itself first; then what no system would put back.
  if [ "$(readlink -f /run/current-system)" != "$base" ]; then
    timeout 30 "$base/bin/switch-to-configuration" test >/run/fleet-switch 2>&1 || cat /run/fleet-switch >&2
  fi
  ln -sfn "$base" /run/booted-system
  put_files_back
  put_units_back
  end_transient_units
  put_folders_back
  put_firmware_back
  put_store_back
  ;;
esac

printf 'running=%s\nprofile=%s\n' "$(readlink -f /run/current-system)" "$(readlink -f /nix/var/nix/profiles/system)"
printf 'bootDefault=%s\nhostname=%s\n' "$(/usr/sbin/fleet-loader /boot print 2>/dev/null)" "$(hostname)"
printf 'state=%s\n' "$(systemctl is-system-running)"
printf 'failed=%s\n' "$(systemctl list-units --failed --plain --no-legend --no-pager | awk '{ print $1 }' | tr '\n' ' ')"
printf 'files=%s\nunits=%s\n' "$(list_files | differences files)" "$(list_units | differences units)"
printf 'folders=%s\nstore=%s\n' "$(list_state_folders | differences state-folders)" "$(list_store | differences store)"
printf 'mounts=%s\n' "$(list_mounts | differences mounts)"
printf 'space=%s\n' "$(df --output=avail -B1 / | awk 'NR == 2 { print ($1 > 2500000000) ? "enough" : "low: " $1 }')"
