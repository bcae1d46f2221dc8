#!/bin/sh
# Exit codes, checks and inhibitors. $1: the folder that systems.nix builds.
# shellcheck disable=SC2016,SC2034,SC2154 # claim evaluates conditions that are quoted once
all=$1
# shellcheck source=/dev/null
. "${0%/*}/common.sh"

stc base bogus
claim "wrong usage is 1" '[ $rc = 1 ] && says Usage'
stc base
claim "no action is 1" '[ $rc = 1 ] && says Usage'
setpriv --reuid=65534 "$(readlink -f "$all/base")/bin/switch-to-configuration" test >/tmp/o 2>&1
rc=$?
claim "anyone but root is refused with 1" '[ $rc = 1 ] && says root'
stc oldStc check
claim "an old one does not know check: usage, 1" '[ $rc = 1 ] && says Usage'

stc base check
claim "check is 0 and changes nothing" '[ $rc = 0 ] && ! runs base'
stc base test
claim "test is 0 and the system runs" '[ $rc = 0 ] && runs base && says "activating the configuration..." && says "setting up /etc..."'
stc web dry-activate
claim "dry-activate is 0 and changes nothing" \
  '[ $rc = 0 ] && runs base && says "would activate the configuration..." && [ ! -e /etc/systemd/system/web.service ]'

stc failing test
claim "a failing unit is 4, and the system is switched" \
  '[ $rc = 4 ] && runs failing && says "warning: the following units failed: bad.service"'
stc flapping test
claim "a unit in auto-restart counts as failed" '[ $rc = 4 ] && says "warning: the following units failed: flap.service"'
stc actFails test
claim "a failing activation is 2, and the system is switched" \
  '[ $rc = 2 ] && runs actFails && says "Failed to run activate script" && no_unit_failed'
stc snipFails test
claim "a failing snippet is 2, and the others run" \
  '[ $rc = 2 ] && [ -e /run/zed-ran ] && says "Activation script snippet '"'boom'"' failed (1)"'
stc chatty test
claim "a chatty activation" '[ $rc = 0 ] && [ "$(wc -l </tmp/o)" -gt 3000 ]'
stc base test

stc checkFails check
claim "a failing check is 1, and gets toplevel and action" \
  '[ $rc = 1 ] && says "Pre-switch check '"'nope'"' failed" && says "Pre-switch checks failed" && says "checking check of /nix/store/"'
for action in test boot switch dry-activate; do
  stc checkFails $action
  claim "$action is refused by it" '[ $rc = 1 ] && runs base'
done
NIXOS_NO_CHECK=1
export NIXOS_NO_CHECK
stc checkFails test
claim "NIXOS_NO_CHECK=1 skips it" '[ $rc = 0 ] && runs checkFails'
unset NIXOS_NO_CHECK
stc checkOk test
claim "a check that passes has run" '[ $rc = 0 ] && [ -e /run/checked-test ]'

stc inhibA test
claim "inhibitors that only one system has do not count" '[ $rc = 0 ] && runs inhibA'
for action in test check switch; do
  stc inhibB $action
  claim "an inhibitor that changed refuses $action" \
    '[ $rc = 1 ] && runs inhibA && says "dbus : dbus -> broker" && says "Pre-switch check '"'switchInhibitors'"' failed"'
done
for action in boot dry-activate; do
  stc inhibB $action
  claim "but not $action" '[ $rc = 0 ] && runs inhibA'
done
stc inhibC test
claim "other keys do not count" '[ $rc = 0 ] && runs inhibC'
stc base test

for action in test dry-activate; do
  stc init3 $action
  claim "another init interface: $action is 100" '[ $rc = 100 ] && runs base'
done
set_profile "$all/init3"
stc init3 switch
claim "switch is 100 too, the boot loader being written already" '[ $rc = 100 ] && runs base && boots "$all/init3"'
end
