# Reboots the host, if it still is in the boot $1 of the machine $2: asked again and again, it reboots once. Not in the
# middle of what somebody else does there.
busy=
for other in /run/flurry/*/; do
	if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then
		id=$(basename "$other")
		busy="$(cat "$other/owner" 2>/dev/null) (deployment $id)"
	fi
done
if unit_works nixos-rebuild-switch-to-configuration.service; then busy=nixos-rebuild; fi
if [ "$1" = "$(cat /proc/sys/kernel/random/boot_id)" ] && [ "$2" = "$(cat /etc/machine-id)" ]; then
	if [ -n "$busy" ]; then
		echo "busy $busy"
	else
		sync
		reboot_now
	fi
fi
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "machine-id $(cat /etc/machine-id)"
