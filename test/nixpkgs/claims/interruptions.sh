#!/bin/sh
# The lock, hanging, killing and going on afterwards. $1: the folder that systems.nix builds.
# shellcheck disable=SC2016,SC2034,SC2154 # claim evaluates conditions that are quoted once
all=$1
# shellcheck source=/dev/null
. "${0%/*}/common.sh"

stc web test
systemd-run -q --unit=hanging "$all/hangs/bin/switch-to-configuration" test
until [ "$(readlink /run/current-system)" = "$(readlink -f "$all/hangs")" ]; do sleep 0.1; done
claim "a test that hangs holds the lock" '! lock_is_free'
stc base test
claim "another one is 11" '[ $rc = 11 ] && says "Could not acquire lock" && runs hangs'
claim "the list of what is to be started is kept" 'grep -q web.service /run/nixos/start-list && ! up web'
systemctl kill -s KILL hanging
until lock_is_free; do sleep 0.1; done
stc web2 test
claim "after a kill the next one goes on with the list" \
  '[ $rc = 0 ] && up web && [ ! -e /run/nixos/start-list ] && says "starting the following units: web.service"'

systemd-run -q --unit=deaf "$all/deaf/bin/switch-to-configuration" test
until [ "$(readlink /run/current-system)" = "$(readlink -f "$all/deaf")" ]; do sleep 0.1; done
systemctl kill -s TERM deaf
sleep 1
claim "ignoresSigterm" 'up deaf && ! lock_is_free'
systemctl kill -s KILL deaf
until lock_is_free; do sleep 0.1; done

stc escapee test
claim "a child that escapes from activation does not hold the lock" '[ $rc = 0 ] && pgrep -fx "sleep 4242" >/dev/null && lock_is_free'
pkill -fx "sleep 4242"

stc mountBad test
claim "a broken mount that local-fs.target requires: emergency mode, exit 4" \
  '[ $rc = 4 ] && up emergency.target && ! up ssh && says "warning: the following units failed: mnt-bad.mount"'
stc base test
claim "there the bus is gone, and so nothing can be activated: 1" '[ $rc = 1 ] && runs mountBad'
systemctl start dbus.service
stc base test
systemctl start default.target
claim "with the bus it can" '[ $rc = 0 ] && runs base && up ssh'
end
