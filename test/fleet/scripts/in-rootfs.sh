#!/bin/sh
# Runs in a mount and pid namespace of its own: mounts the layers ($1: overlay options, $2: where), installs the loader
# and runs the script of standard input in there, with a copy of the flake ($3).
set -eu
mount -t overlay -o "$1" fleet "$2"
mount -t proc proc "$2/proc"
mount --rbind /dev "$2/dev"
install -m 755 "$FLEET_LOADER" "$2/usr/sbin/fleet-loader"
mkdir "$2/tmp/stand-in"
cp -RL "$3/." "$2/tmp/stand-in"
unset FLEET_LOADER
chroot "$2" /bin/sh -s /tmp/stand-in
rm -rf "$2/tmp/stand-in"
umount -R "$2"
