#!/bin/sh
# <toplevel>/activate: makes /etc, runs the activation snippets, sets /run/current-system.
# On NixOS all of /etc is made so; here only names that are links into /etc/static are touched,
# since the rest of /etc is Debian's.
out=@out@
PATH=@tools@/bin
export PATH
umask 022
status=0
# shellcheck source=/dev/null
. "$out/shaped/settings"

# A link that is there at every moment, as systemd or a login may read it just now.
link() {
  ln -sfn "$1" "$2.shaped-tmp" && mv -fT "$2.shaped-tmp" "$2"
}

# Debian's own file stays. /etc/os-release is a link whose file lives on in /usr/lib. /etc/.clean lists, as in NixOS,
# what is a copy and not a link.
may_replace() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  grep -qxF "${1#/etc/}" /etc/.clean && return 0
  case "$(readlink "$1")" in
  /etc/static/* | ../usr/lib/os-release) return 0 ;;
  esac
  echo "warning: $1 is not from this configuration and stays as it is" >&2
  return 1
}

make_etc() {
  echo "setting up /etc..."
  link "$out/etc" /etc/static || return 1
  touch /etc/.clean
  copies=
  for path in $(cd /etc/static/ && find . ! -type d | sed 's|^\./||'); do
    [ "${path%.mode}" = "$path" ] || continue
    if [ -e "/etc/static/$path.mode" ]; then
      copies="$copies$path
"
      may_replace "/etc/$path" || continue
      grep -qxF "$path" /etc/.clean || echo "$path" >>/etc/.clean
      mkdir -p "/etc/$(dirname "$path")" && cp "/etc/static/$path" "/etc/$path.shaped-tmp" &&
        chmod "$(cat "/etc/static/$path.mode")" "/etc/$path.shaped-tmp" &&
        mv -fT "/etc/$path.shaped-tmp" "/etc/$path" || return 1
      continue
    fi
    [ "$(readlink "/etc/$path")" != "/etc/static/$path" ] || continue
    may_replace "/etc/$path" || continue
    mkdir -p "/etc/$(dirname "$path")" && link "/etc/static/$path" "/etc/$path" || return 1
  done
  # What the last system had and this one has not.
  printf %s "$copies" | grep -vxF -f - /etc/.clean | while read -r path; do rm -f "/etc/$path"; done
  printf %s "$copies" >/etc/.clean
  find /etc -xdev -type l -lname '/etc/static/*' | while read -r name; do
    [ -e "$name" ] || [ -L "$(readlink "$name")" ] || rm -f "$name"
  done
  find /etc/systemd/system -mindepth 1 -type d -name '*.wants' -empty -delete
  find /etc/systemd/system -mindepth 1 -type d -name '*.requires' -empty -delete
  [ -e /etc/NIXOS ] || touch /etc/NIXOS
}

# shaped.stopsSshd: Debian's sshd plays a unit that the configuration no longer has. So it is masked
# in /run, and the next system that has sshd unmasks it. The value "stop" stops it and no more.
# shellcheck disable=SC2154 # from the settings
mask_sshd() {
  mkdir -p /run/nixos /run/systemd/system
  if [ "$stops_sshd" ]; then
    echo "$stops_sshd" >/run/nixos/shaped-stopped-sshd
  fi
  for unit in ssh.service ssh.socket; do
    if [ "$stops_sshd" = 1 ]; then
      ln -sfn /dev/null "/run/systemd/system/$unit"
    elif [ -e /run/nixos/shaped-stopped-sshd ]; then
      rm -f "/run/systemd/system/$unit"
    fi
  done
}

make_etc || status=1
mask_sshd || status=1

line=0
# shellcheck disable=SC2154
while [ "$line" -lt "$chatty" ]; do
  line=$((line + 1))
  echo "activation line $line of $chatty: the quick brown fox jumps over the lazy dog"
done

"$out/shaped/activation-snippets" || status=1
# shellcheck disable=SC2154
if [ "$activation_fails" ]; then
  echo "Activation script snippet 'shapedFailure' failed (1)"
  status=1
fi

# Even after a failed snippet, as in NixOS: the system *is* the new one.
link "$out" /run/current-system || status=1
mkdir -p /nix/var/nix/gcroots
link /run/current-system /nix/var/nix/gcroots/current-system
link /run/booted-system /nix/var/nix/gcroots/booted-system

exit "$status"
