# Reboots the host, if it still is in the boot $1 of the machine $2: asked again and again, it reboots once. Not in the
# middle of what somebody else does there, nor where it does not run $3 or boot $4 any more (empty: not known): then what
# it was to boot once ($5, or empty) is taken back.
busy=
changed=
for other in /run/flurry/*/; do
	if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then
		id=$(basename "$other")
		busy="$(cat "$other/owner" 2>/dev/null) (deployment $id)"
	fi
done
if unit_works nixos-rebuild-switch-to-configuration.service; then busy=nixos-rebuild; fi
if [ "$1" = "$(cat /proc/sys/kernel/random/boot_id)" ] && [ "$2" = "$(cat /etc/machine-id)" ]; then
	running=$(readlink -f /run/current-system)
	default=$(boot_default)
	default=${default#* }
	if [ -n "$busy" ]; then
		echo "busy $busy"
	elif [ -n "$3" ] && [ "$running" != "$3" ]; then
		changed="$3 $running"
	elif [ -n "$4" ] && [ "$default" != "$4" ]; then
		changed="$4 $default"
	else
		sync
		reboot_now
	fi
fi
if [ -n "$changed" ]; then
	echo "changed $changed"
	if [ -n "$5" ] && [ "$(boots_once)" = "$5" ]; then boot_no_once; fi
fi
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "machine-id $(cat /etc/machine-id)"
