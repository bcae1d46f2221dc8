#!/bin/sh
# Runs inside a host: what it runs, boots and has failed, one "key value" a line. $1: journal cursor of the lease.
set -u
init=$(/usr/sbin/fleet-loader /boot print 2>/dev/null)
echo "running $(readlink -f /run/current-system)"
echo "booted $(readlink -f /run/booted-system)"
echo "profile $(readlink -f /nix/var/nix/profiles/system)"
echo "bootDefault ${init%/init}"
echo "bootId $(cat /proc/sys/kernel/random/boot_id)"
systemctl list-units --failed --plain --no-legend --no-pager | awk '{ print "failedUnit", $1 }'
systemctl list-units --all --plain --no-legend --no-pager 'flurry-*' | awk '{ print "flurryUnit", $1 }'
for link in /nix/var/nix/profiles/system-*-link; do
  [ -L "$link" ] && echo "generation ${link##*/} $(readlink -f "$link")"
done
journalctl --sync
# OpenSSH 9.8 and later log from sshd-session.
journalctl --quiet --no-pager --output=cat ${1:+--after-cursor="$1"} --identifier=sshd --identifier=sshd-session \
  --grep='^Accepted ' | awk 'END { print "sshAccepted", NR }'
