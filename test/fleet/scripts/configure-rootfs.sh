#!/bin/sh
# Runs in the fresh Debian root (chroot): what makes it a test host that looks like NixOS from outside.
set -eu

rm -f /etc/hostname /etc/ssh/ssh_host_*
: >/etc/machine-id

# The first fails in about one boot of ten, and the host is then degraded; the gettys fail where the console is a pipe.
# The others are Debian's housekeeping.
for unit in systemd-remount-fs.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
  e2scrub_all.timer e2scrub_reap.service sshd-keygen.service console-getty.service getty@tty1.service; do
  ln -sf /dev/null "/etc/systemd/system/$unit"
done
# Or every first boot runs ldconfig.service and systemd-update-done.service.
ldconfig
touch /etc/.updated /var/.updated

cat >/etc/nix/nix.conf <<'CONF'
sandbox = false
substituters =
CONF

useradd --create-home --shell /bin/bash alice
useradd --create-home --shell /bin/bash bob
echo 'bob ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/bob
# NixOS has its programs here, in every session's PATH.
path=/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
echo "Defaults secure_path=$path" >/etc/sudoers.d/path
chmod 440 /etc/sudoers.d/bob /etc/sudoers.d/path

# As on NixOS: keys that the administrator declares lie in /etc/ssh/authorized_keys.d.
mkdir -p /etc/ssh/authorized_keys.d
cat >/etc/ssh/sshd_config.d/fleet.conf <<CONF
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
SetEnv PATH=$path
MaxStartups 200:30:400
MaxSessions 100
CONF

mkdir -p /etc/systemd/journald.conf.d /var/log/journal
printf '[Journal]\nStorage=persistent\nSystemMaxUse=128M\nRateLimitBurst=0\n' >/etc/systemd/journald.conf.d/fleet.conf
# A stop job that hangs for 90 s would hide what a test wants to see.
mkdir -p /etc/systemd/system.conf.d
printf '[Manager]\nDefaultTimeoutStopSec=20s\n' >/etc/systemd/system.conf.d/fleet.conf

: >/etc/NIXOS
