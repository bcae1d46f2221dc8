# shellcheck shell=sh
# Runs inside a host, after everything: what it is and what is left on it, one "key value" a line.
say() { while read -r line; do printf "%s %s\n" "$1" "$line"; done; }

init=$(/usr/sbin/fleet-loader /boot print 2>/dev/null)
echo "running $(readlink -f /run/current-system)"
echo "profile $(readlink -f /nix/var/nix/profiles/system)"
echo "bootDefault ${init%/init}"
once=$(tail -c +5 /sys/firmware/efi/efivars/LoaderEntryOneShot-* 2>/dev/null | tr -d '\000')
if [ -n "$once" ]; then once=$(sed -n 's/^options init=\([^ ]*\)\/init .*/\1/p' "/boot/loader/entries/$once"); fi
echo "bootsOnce ${once:--}"
echo "own $(systemctl is-active own.service)"
for unit in ssh.service dbus.service multi-user.target sysinit.target; do echo "base $unit $(systemctl is-active "$unit")"; done
systemctl list-units --failed --plain --no-legend --no-pager | awk '{ print $1 }' | say failed
systemctl list-units --all --plain --no-legend --no-pager 'flurry-*' | awk '{ print $1 }' | say left-unit
find /run/systemd/transient -name 'flurry-*' | say left-unit
find /run/flurry -mindepth 0 2>/dev/null | say left-file
# A link whose end a reboot took is no root, and goes with the next deployment.
for link in /nix/var/nix/gcroots/auto/*; do
  case $(readlink "$link") in
  /run/flurry/*) if [ -e "$link" ]; then echo "left-root $link"; else echo "dangling $link"; fi ;;
  esac
done
find /var/lib/flurry -mindepth 1 ! -name history.jsonl 2>/dev/null | say left-record
find /run/nixos -name '*-list' 2>/dev/null | say left-list
if [ -e /run/nixos/switch-to-configuration.lock ]; then
  flock --nonblock /run/nixos/switch-to-configuration.lock true || echo 'left-lock held'
fi
if [ -e /var/lib/flurry/history.jsonl ]; then say history </var/lib/flurry/history.jsonl; fi
