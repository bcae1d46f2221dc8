#!/bin/sh
# The questions that switch-to-configuration asks about units; sourced by it.
# Lists of units are words separated by spaces.

commas() {
  # shellcheck disable=SC2086 # unit names hold no spaces
  printf '%s\n' $1 | sort -f | sed -e ':a' -e 'N;$!ba' -e 's/\n/, /g'
}

has() { case " $1 " in *" $2 "*) true ;; *) false ;; esac }

# Without 9>&- a long-running systemctl, or what it starts, would go on holding the lock.
units_ctl() { systemctl --no-ask-password "$@" 9>&-; }

# "unit active-state sub-state" of all loaded units.
unit_states() { units_ctl list-units --all --plain --no-legend --full | awk '{ print $1, $3, $4 }'; }

is_active() { [ "$(units_ctl show -P ActiveState "$1")" = active ]; }

# flag FILE KEY DEFAULT: a boolean as systemd spells it; the last line counts.
flag() {
  case "$(sed -n "s/^$2=//p" "$1" | tail -n 1)" in
  "") [ "$3" = yes ] ;;
  1 | yes | true | on) true ;;
  *) false ;;
  esac
}

# A template's instance has no file of its own: foo@x.service is defined by foo@.service.
unit_file() {
  if [ -e "$1/$2" ]; then
    echo "$1/$2"
  else
    case $2 in
    *@*.*) echo "$1/${2%%@*}@.${2##*.}" ;;
    *) echo "$1/$2" ;;
    esac
  fi
}

# Without what needs no restart. NixOS ignores these keys of [Unit].
essence() {
  sed -E -e '/^(Description|Documentation|OnFailure|OnSuccess|OnFailureJobMode|IgnoreOnIsolate|StopWhenUnneeded|RefuseManualStart|RefuseManualStop|AllowIsolate|CollectMode|SourcePath|X-Reload-Triggers)=/d' \
    -e '/^ExecReload=/d' "$1"
}

# Says equal, reload or restart.
compare_units() {
  if cmp -s "$1" "$2"; then
    echo equal
  elif [ "$(essence "$1")" != "$(essence "$2")" ]; then
    echo restart
  elif [ "$(grep -E '^(X-Reload-Triggers|ExecReload)=' "$1")" != "$(grep -E '^(X-Reload-Triggers|ExecReload)=' "$2")" ] &&
    grep -qE '^(X-Reload-Triggers|ExecReload)=' "$2"; then
    echo reload
  else
    echo equal
  fi
}
