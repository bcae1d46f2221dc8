#!/bin/sh
# The power supply of one test host: starts it in its own cgroup and network, and again whenever it reboots.
# Arguments: folder, name, machine id, network namespace, cgroup. Ends when the host powers off, dies or cannot boot.
set -u
directory=$1 name=$2 machine_id=$3 netns=$4 cgroup=$5

# Without a cgroup of its own the hosts' systemds remove each other's units.
for tree in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
  [ -e "$tree/cgroup.procs" ] && mkdir -p "$tree/$cgroup" && echo $$ >"$tree/$cgroup/cgroup.procs"
done

export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0
while :; do
  rm -f "$directory/status"
  # The network is the host's own: its systems may change it, as they do on NixOS.
  systemd-nspawn --quiet --register=no --keep-unit --directory="$directory/root" --machine="$cgroup" \
    --hostname="$name" --uuid="$machine_id" --network-namespace-path="/run/netns/$netns" \
    --capability=CAP_NET_ADMIN --kill-signal=SIGRTMIN+3 --console=pipe /usr/sbin/fleet-loader </dev/null >>"$directory/console.log" 2>&1 &
  echo $! >"$directory/nspawn.pid"
  wait $!
  status=$?
  rm -f "$directory/nspawn.pid"
  echo "$status" >"$directory/status"
  # 133: the host asked for a reboot.
  [ "$status" = 133 ] || exit 0
done
