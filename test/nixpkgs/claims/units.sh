#!/bin/sh
# What happens to units and to /etc. $1: the folder that systems.nix builds.
# shellcheck disable=SC2016,SC2034,SC2154 # claim evaluates conditions that are quoted once
all=$1
# shellcheck source=/dev/null
. "${0%/*}/common.sh"

stc base test
stc web test
claim "a new unit is started" '[ $rc = 0 ] && up web && says "the following new units were started: web.service"'
claim "its file is /etc/systemd/system's" '[ "$(systemctl show -P FragmentPath web)" = /etc/systemd/system/web.service ]'
claim "its PATH is in the store" 'tr "\0" "\n" <"/proc/$(pid web)/environ" | grep -q "^PATH=/nix/store/[^:]*/bin$"'

before=$(pid web)
stc webDesc test
claim "a new description restarts nothing" '[ $rc = 0 ] && [ "$(pid web)" = "$before" ] && ! says "stopping the"'
stc web2 dry-activate
claim "dry-activate tells what it would stop and start" \
  'says "would stop the following units: web.service" && says "would start the following units: web.service"'
claim "and does not" '[ "$(pid web)" = "$before" ] && [ ! -e /run/nixos/start-list ]'
stc web2 test
claim "a changed unit is stopped and started" \
  '[ $rc = 0 ] && up web && [ "$(pid web)" != "$before" ] && says "stopping the following units: web.service" && says "starting the following units: web.service"'
before=$(pid web)
stc webKeep test
claim "restartIfChanged = false" '[ "$(pid web)" = "$before" ] && says "NOT restarting the following changed units: web.service"'
stc webRestart test
claim "stopIfChanged = false" '[ "$(pid web)" != "$before" ] && says "restarting the following units: web.service"'
stc webReload test
before=$(pid web)
stc webReload2 test
claim "reloadIfChanged = true" '[ "$(pid web)" = "$before" ] && says "reloading the following units: web.service"'
stc base test
claim "a unit that is gone is stopped" '[ $rc = 0 ] && ! up web && says "stopping the following units: web.service"'
claim "and its links are gone" \
  '[ ! -L /etc/systemd/system/web.service ] && [ ! -L /etc/systemd/system/multi-user.target.wants/web.service ]'

rm -f /run/once
stc oneshot test
stc oneshot test
claim "a oneshot runs at every switch" '[ "$(wc -l </run/once)" = 2 ]'

stc special test
claim "the parent of a specialisation" '[ $rc = 0 ] && up web'
stc special/specialisation/alt test
claim "a specialisation" '[ $rc = 0 ] && up web && says "activation line 2 of 2"'

systemctl stop ssh
stc base test
claim "a unit of Debian's that was stopped by hand stays so" '! up ssh'
systemctl start ssh
stc noSshd test
claim "stopsSshd stops sshd, and nobody can start it" \
  '[ $rc = 0 ] && ! up ssh && ! systemctl start ssh 2>/dev/null && says "stopping the following units: ssh.service"'
stc noSshd test
stc base test
claim "a system with sshd brings it back" '[ $rc = 0 ] && up ssh && [ ! -L /run/systemd/system/ssh.service ]'
stc stopSshd test
claim 'stopsSshd = "stop" lets anybody start it' '[ $rc = 0 ] && ! up ssh && systemctl start ssh'
stc stopSshd test
stc base test
claim "and a system with sshd starts it" 'up ssh'

stc etcfile test
claim "a file in /etc; Debian's own stays" \
  '[ $rc = 0 ] && [ "$(cat /etc/app/conf)" = hello ] && [ ! -L /etc/passwd ] && says "warning: /etc/passwd"'
stc base test
claim "a file that is gone" '[ $rc = 0 ] && [ ! -L /etc/app/conf ]'

well=yes
for _ in 1 2 3 4 5 6 7 8 9 10; do
  stc web test
  [ "$rc" = 0 ] && up web || well=no
  stc base test
  [ "$rc" = 0 ] && ! up web || well=no
done
claim "to and fro ten times" '[ $well = yes ] && no_unit_failed && [ "$(systemctl is-system-running)" = running ]'
claim "leaves nothing behind" \
  '[ "$(ls /run/nixos)" = switch-to-configuration.lock ] && [ -z "$(find /etc -xtype l -lname "/etc/static/*" -o -name "*shaped-tmp")" ]'
end
